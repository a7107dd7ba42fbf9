/**
 * Brings machines from a wish to a booted virtual machine and away again, and writes what lets a machine enrol. The API calls it, and it
 * calls machine providers and Fleet. It knows nothing of HTTP, nor of how a provider does its work.
 */
@NullMarked
package dev.vmext.server.provisioning;

import org.jspecify.annotations.NullMarked;
