package dev.vmext.server.metrics.engine;

/** How finely something is kept, and how much time one block of it holds. */
enum Tier {
    SAMPLES(0, 1, 2 * 3_600_000L),
    FIVE_MINUTES(1, 300_000L, Tier.DAY),
    HOURS(2, 3_600_000L, Tier.DAY);

    static final long DAY = 24 * 3_600_000L;

    private final int code;
    private final long spanMillis;
    private final long bucketMillis;

    Tier(int code, long spanMillis, long bucketMillis) {
        this.code = code;
        this.spanMillis = spanMillis;
        this.bucketMillis = bucketMillis;
    }

    /** As in the table of blocks. */
    int code() {
        return code;
    }

    long spanMillis() {
        return spanMillis;
    }

    long bucket(long timeMillis) {
        return Math.floorDiv(timeMillis, bucketMillis);
    }

    long start(long bucket) {
        return bucket * bucketMillis;
    }

    static long day(long timeMillis) {
        return Math.floorDiv(timeMillis, DAY);
    }

    /** The coarsest tier whose spans fit whole into steps of this length. */
    static Tier forStep(long stepMillis) {
        if (stepMillis % HOURS.spanMillis == 0) {
            return HOURS;
        }
        return stepMillis % FIVE_MINUTES.spanMillis == 0 ? FIVE_MINUTES : SAMPLES;
    }
}
