/**
 * Assesses and installs updates of the operating system. The handler checks settings, writes configuration and units, and copies the
 * programs that do the work; those are shell scripts of the package, run by timers of systemd. Knows the extension contract and
 * nothing of agent or server.
 */
@NullMarked
package dev.vmext.updates;

import org.jspecify.annotations.NullMarked;
