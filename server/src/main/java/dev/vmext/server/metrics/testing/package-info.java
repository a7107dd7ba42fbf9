/**
 * The metric store in memory, for tests of what stands on it. Passes the same contract test as the real one. Nothing in the program
 * uses it.
 */
@NullMarked
package dev.vmext.server.metrics.testing;

import org.jspecify.annotations.NullMarked;
