/**
 * Protected settings: encrypted at rest under the server's master key, and for one machine under its settings key. The fleet calls it
 * through its port. It knows nothing about what the settings mean and never writes them anywhere.
 */
@NullMarked
package dev.vmext.server.seal;

import org.jspecify.annotations.NullMarked;
