package dev.vmext.agent.run;

import dev.vmext.packageformat.manifest.Probe;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One probe and what was counted so far. Used by one thread at a time.
 *
 * <pre>
 *            successThreshold passes in a row
 *   unknown ----------------------------------> healthy
 *      |                                         |  ^
 *      | failureThreshold failures after grace   v  |
 *      +-------------------------------------> unhealthy
 * </pre>
 */
public final class WatchedProbe {
    private final Probe probe;
    private final Instant graceOver;
    private Instant due;
    private int passes;
    private int failures;
    private boolean decided;
    private boolean healthy;
    private String why = "";

    /**
     * Knows nothing yet.
     *
     * @param grace for which failures do not count, from then on
     */
    public WatchedProbe(Probe probe, Instant since, Duration grace) {
        this.probe = probe;
        this.graceOver = since.plus(grace);
        this.due = since;
    }

    public Probe probe() {
        return probe;
    }

    /** When it should be asked next. */
    public Instant due() {
        return due;
    }

    /**
     * Counts an answer.
     *
     * @param undecidedPause the longest time until the next question while nothing is decided
     */
    public void answered(Optional<String> failure, Instant now, Duration undecidedPause) {
        due = now.plus(decided ? probe.interval() : shorter(probe.interval(), undecidedPause));
        if (failure.isEmpty()) {
            failures = 0;
            passes++;
            if (passes >= probe.successThreshold()) {
                decided = true;
                healthy = true;
            }
            return;
        }
        passes = 0;
        why = failure.get();
        if (!now.isBefore(graceOver)) {
            failures++;
        }
        if (failures >= probe.failureThreshold()) {
            decided = true;
            healthy = false;
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Whether it passed or failed often enough to count. */
    public boolean decided() {
        return decided;
    }

    /** What was decided, null before. */
    public @Nullable Boolean healthy() {
        return decided ? healthy : null;
    }

    /** Failures in a row that count. */
    public int failures() {
        return failures;
    }

    /** Why it failed last, empty when it never did. */
    public String why() {
        return why;
    }
}
