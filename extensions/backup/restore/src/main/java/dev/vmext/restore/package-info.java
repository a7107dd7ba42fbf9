/**
 * The handler of vmext.Restore: turns settings into a systemd unit and the files that the package's own shell programs read.
 * bin/handler runs it, one short-lived process per command. It must not restore anything itself: what runs on is a systemd unit
 * with those programs and restic, never Java.
 */
@NullMarked
package dev.vmext.restore;

import org.jspecify.annotations.NullMarked;
