package dev.vmext.agent.journal;

import dev.vmext.protocol.status.Cause;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is being done now, written before it is begun.
 *
 * @param run names the folder in which a command leaves its traces
 * @param boot in which boot it was begun
 * @param target what it was done for: when that changed meanwhile, a failure of it says nothing
 * @param stop why it is to end before it is done, null when it is not; outlives the agent like all the rest
 */
public record Intent(
        Step step,
        String run,
        Instant startedAt,
        Instant deadline,
        String boot,
        Target target,
        @Nullable Cause stop) {
    /** A step that may go on to its end. */
    public Intent(Step step, String run, Instant startedAt, Instant deadline, String boot, Target target) {
        this(step, run, startedAt, deadline, boot, target, null);
    }

    public Intent stopped(Cause why) {
        return new Intent(step, run, startedAt, deadline, boot, target, why);
    }
}
