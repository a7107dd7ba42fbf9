/**
 * Runs the commands of handlers in sessions of their own, finds them again after a restart of the agent, and ends them. The step
 * runner calls it. It must not know what a handler, a package or a goal is.
 */
@NullMarked
package dev.vmext.agent.process;

import org.jspecify.annotations.NullMarked;
