package dev.vmext.server.metrics;

/**
 * What is kept of the samples of one series within a span of time.
 *
 * @param start its first millisecond
 * @param lastTime of the last sample in it that is a value
 * @param growth of a counter, from the last sample before the span to the last one in it; 0 for a gauge
 * @param coveredMillis the time over which it grew; 0 when that is not known or it is a gauge
 */
public record Span(
        long start,
        long lastTime,
        int count,
        double min,
        double max,
        double sum,
        double last,
        double growth,
        long coveredMillis) {}
