/**
 * A control plane in a few lines, on the loopback address, to warm up the start-up cache when the agent is built and to test the link.
 * Main and tests call it. It must not be reachable from a running agent.
 */
@NullMarked
package dev.vmext.agent.train;

import org.jspecify.annotations.NullMarked;
