/**
 * The local socket over which root asks the running agent how it is. The command line calls one end, the agent's loop answers the
 * other. It must not know how an answer is made.
 */
@NullMarked
package dev.vmext.agent.control;

import org.jspecify.annotations.NullMarked;
