/**
 * The handler of vmext.Backup: turns settings into systemd units and the files that the package's own shell programs read.
 * bin/handler runs it, one short-lived process per command. It must not back up anything itself: what runs on are systemd units
 * with those programs and restic, never Java.
 */
@NullMarked
package dev.vmext.backup;

import org.jspecify.annotations.NullMarked;
