package dev.vmext.server.metrics;

import java.time.Duration;

/**
 * How long what is kept, and how many series a machine may have.
 *
 * @param samples single samples, at least 2 days
 * @param fiveMinutes spans of five minutes, not shorter than samples
 * @param hours spans of an hour, not shorter than those of five minutes
 * @param seriesPerMachine at least 1
 */
public record MetricRetention(Duration samples, Duration fiveMinutes, Duration hours, int seriesPerMachine) {
    public static final MetricRetention DEFAULTS =
            new MetricRetention(Duration.ofDays(30), Duration.ofDays(120), Duration.ofDays(730), 5000);

    public MetricRetention {
        if (samples.toDays() < 2
                || fiveMinutes.compareTo(samples) < 0
                || hours.compareTo(fiveMinutes) < 0
                || seriesPerMachine < 1) {
            throw new IllegalArgumentException("no retention: samples " + samples.toDays() + " days, five minutes "
                    + fiveMinutes.toDays() + ", hours " + hours.toDays() + ", " + seriesPerMachine + " series");
        }
    }
}
