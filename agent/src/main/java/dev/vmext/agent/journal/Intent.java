package dev.vmext.agent.journal;

import java.time.Instant;

/**
 * What is being done now, written before it is begun.
 *
 * @param run names the folder in which a command leaves its traces
 * @param boot in which boot it was begun
 * @param target what it was done for: when that changed meanwhile, a failure of it says nothing
 */
public record Intent(Step step, String run, Instant startedAt, Instant deadline, String boot, Target target) {}
