/** Tests of the restore: its settings, its handler, and its programs with the real restic. */
@org.jspecify.annotations.NullMarked
package dev.vmext.restore;
