/**
 * A disk in memory that can be cut off at any single write, for tests of what survives a crash. Tests hand its paths to code that knows
 * only {@link java.nio.file.Path}. It must not be used for what it does not do: links, locks, watches.
 */
@NullMarked
package dev.vmext.testkit.disk;

import org.jspecify.annotations.NullMarked;
