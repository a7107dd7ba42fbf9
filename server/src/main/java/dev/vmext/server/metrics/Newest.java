package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.SeriesKey;

/**
 * The newest sample of a series.
 *
 * @param machine its id
 * @param value {@code NaN} when the series has ended
 */
public record Newest(String machine, SeriesKey series, MetricKind kind, long timeMillis, double value) {
    public boolean ended() {
        return Double.isNaN(value);
    }
}
