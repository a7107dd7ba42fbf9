/**
 * Certificates for services of the machine. The handler checks settings, writes what is wanted and the units, and copies the programs
 * that get and renew certificates; those are shell scripts of the package, run by a timer of systemd. Knows the extension contract and
 * nothing of agent or server.
 */
@NullMarked
package dev.vmext.certificates;

import org.jspecify.annotations.NullMarked;
