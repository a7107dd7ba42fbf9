/**
 * Measures the agent beside Debian's waagent, in one run on one machine: memory, idle CPU, start, time to a handler's first instruction,
 * disk. {@code bench/run footprint} calls it; waagent is given a small goal-state server of its own in a network name space. It knows
 * nothing of the insides of either agent.
 */
@NullMarked
package dev.vmext.bench.footprint;

import org.jspecify.annotations.NullMarked;
