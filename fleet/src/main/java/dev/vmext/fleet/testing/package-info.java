/**
 * Stand-ins for the ports of the fleet that need no database, keys or chance. Tests of this and other modules use them; the store
 * passes the same contract test as the real one. Main code must not use them.
 */
@NullMarked
package dev.vmext.fleet.testing;

import org.jspecify.annotations.NullMarked;
