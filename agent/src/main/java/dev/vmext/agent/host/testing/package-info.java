/**
 * A machine whose locks and restarts are decided by a test. Tests call it, and its contract test. Main code must not know it.
 */
@NullMarked
package dev.vmext.agent.host.testing;

import org.jspecify.annotations.NullMarked;
