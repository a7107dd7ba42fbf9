package dev.vmext.server.metrics;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many samples each machine may send: so many a second on the average, and so many at once, because a machine that was away has
 * much to tell. Thread-safe.
 */
public final class MetricRate {
    /** Machines remembered; one that was forgotten may send a full burst again. */
    private static final int MOST = 50_000;

    private final InstantSource clock;
    private final int perSecond;
    private final int burst;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true);

    private static final class Bucket {
        private double left;
        private long filledAt;
    }

    public MetricRate(InstantSource clock, int perSecond, int burst) {
        this.clock = clock;
        this.perSecond = perSecond;
        this.burst = burst;
    }

    /**
     * Takes the right to send so many samples. More than a burst counts as a burst, so that no batch is refused for ever.
     *
     * @return zero, or how long the machine has to wait first; then nothing was taken
     */
    public synchronized Duration take(String machine, int samples) {
        long now = clock.millis();
        Bucket bucket = buckets.computeIfAbsent(machine, none -> {
            Bucket full = new Bucket();
            full.left = burst;
            full.filledAt = now;
            return full;
        });
        if (buckets.size() > MOST) {
            var eldest = buckets.entrySet().iterator();
            eldest.next();
            eldest.remove();
        }
        bucket.left = Math.min(burst, bucket.left + Math.max(0, now - bucket.filledAt) / 1000.0 * perSecond);
        bucket.filledAt = now;
        double wanted = Math.min(samples, burst);
        if (bucket.left >= wanted) {
            bucket.left -= wanted;
            return Duration.ZERO;
        }
        return Duration.ofSeconds((long) Math.ceil((wanted - bucket.left) / perSecond));
    }

    public int perSecond() {
        return perSecond;
    }
}
