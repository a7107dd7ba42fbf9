package dev.vmext.agent.process;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Notices that somebody set the machine's clock, by a clock that nobody can set. Deadlines are written down as times of day, because they
 * must survive a restart; so they have to move with the clock, or a correction by a day would make an operation wait for a day, or give
 * it up at once. One thread each.
 */
public final class ClockWatch {
    /** Smaller steps are corrections that go on all the time, and matter to no deadline. */
    private static final Duration SMALL = Duration.ofSeconds(30);

    private final LongSupplier nanoTime;
    private @Nullable Instant last;
    private long lastNanos;

    public ClockWatch(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** By how much the clock was set since the last call, negative when it was set back. */
    public Duration step(Instant now) {
        long nanos = nanoTime.getAsLong();
        Instant before = last;
        Duration step = before == null ? Duration.ZERO : Duration.between(before.plusNanos(nanos - lastNanos), now);
        last = now;
        lastNanos = nanos;
        return step.abs().compareTo(SMALL) < 0 ? Duration.ZERO : step;
    }
}
