/**
 * Findings on this machine: picked up from events folders, or told by other parts of the agent, kept on the disk in order, and forwarded
 * until the control plane has them. Called by {@code contract}, {@code run} and the link. Knows nothing of goals and steps.
 */
@NullMarked
package dev.vmext.agent.finding;

import org.jspecify.annotations.NullMarked;
