/**
 * Sends what happens to findings to those who asked for it, over HTTP, signed. Wired to the fleet, which keeps what waits; the API asks it
 * for a test. It must not know what a finding means.
 */
@NullMarked
package dev.vmext.server.webhook;

import org.jspecify.annotations.NullMarked;
