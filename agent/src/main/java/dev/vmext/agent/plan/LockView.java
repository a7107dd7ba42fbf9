package dev.vmext.agent.plan;

import dev.vmext.agent.host.LockHolder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What the last look at something of which a machine has one showed.
 *
 * @param seenAt when it was looked at, by the machine's clock
 * @param holders who held it and is no command of ours; empty when it was free
 */
public record LockView(Instant seenAt, List<LockHolder> holders) {
    /** What was free this long ago may be taken by now. */
    static final Duration FRESH = Duration.ofSeconds(2);

    public LockView {
        holders = List.copyOf(holders);
    }

    boolean fresh(Instant now) {
        return Duration.between(seenAt, now).abs().compareTo(FRESH) <= 0;
    }
}
