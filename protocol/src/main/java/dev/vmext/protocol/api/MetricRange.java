package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;

/**
 * Values of series over time.
 *
 * @param name the metric asked for, empty for all
 * @param from start of the first step, a whole multiple of the step's length
 * @param stepSeconds length of a step
 * @param steps their number
 * @param aggregate how the samples of a step became one value
 */
public record MetricRange(
        String name, Instant from, long stepSeconds, int steps, String aggregate, List<MetricRangeSeries> series) {}
