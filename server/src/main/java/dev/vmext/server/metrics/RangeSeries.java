package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.SeriesKey;

/**
 * One series over a window. The array belongs to whoever gets it.
 *
 * @param machine its id
 * @param values one per step, {@code NaN} where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // millions of numbers; whoever gets it owns it
public record RangeSeries(String machine, SeriesKey series, MetricKind kind, double[] values) {}
