package dev.vmext.protocol.metrics;

import java.util.Objects;

/**
 * One value of one series at one time. {@code NaN} says that the series has ended or has no value now: whoever draws it leaves a
 * gap from here on. Immutable.
 *
 * @param timeMillis milliseconds since 1970, at most {@link #MAX_TIME_MILLIS}: that is what fits OTLP's nanoseconds
 */
public record Sample(SeriesKey series, MetricKind kind, long timeMillis, double value) {
    public static final long MAX_TIME_MILLIS = Long.MAX_VALUE / 1_000_000;

    public Sample {
        Objects.requireNonNull(series);
        Objects.requireNonNull(kind);
        if (timeMillis < 0 || timeMillis > MAX_TIME_MILLIS) {
            throw new IllegalArgumentException("cannot use a sample of " + series.name() + ": its time, " + timeMillis
                    + " ms since 1970, is out of range");
        }
    }

    /** The marker that this series has no value from this time on. */
    public static Sample end(SeriesKey series, MetricKind kind, long timeMillis) {
        return new Sample(series, kind, timeMillis, Double.NaN);
    }

    public boolean ended() {
        return Double.isNaN(value);
    }
}
