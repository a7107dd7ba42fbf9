/**
 * Kills the agent at every point of every operation and looks whether the machine ends where it would have ended. The build runs it with
 * the unit tests. It knows the agent only through {@link dev.vmext.agent.SteppedAgent} and what that leaves on the disk.
 */
@NullMarked
package dev.vmext.agent.crash;

import org.jspecify.annotations.NullMarked;
