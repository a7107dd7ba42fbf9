/**
 * The handler of vmext.Antivirus: turns settings into configuration of ClamAV, systemd units and the files that the package's own
 * shell programs read. bin/handler runs it, one short-lived process per command. It must not scan, fetch or move anything
 * itself: what runs on are systemd units with those programs, never Java.
 */
@NullMarked
package dev.vmext.antivirus;

import org.jspecify.annotations.NullMarked;
