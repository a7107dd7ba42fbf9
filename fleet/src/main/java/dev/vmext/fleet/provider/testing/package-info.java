/**
 * A machine provider in memory, for tests of everything that asks for machines. Tests call it, and the contract test keeps it
 * equal to the real ones. It knows nothing of processes or files.
 */
@NullMarked
package dev.vmext.fleet.provider.testing;

import org.jspecify.annotations.NullMarked;
