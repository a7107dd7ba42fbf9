package dev.vmext.server.metrics;

/** Takes what is kept of one series, in the order of time. Used by one thread. */
public interface SampleSink {
    /** A sample; NaN ends the series. */
    void sample(long timeMillis, double value);

    /** What is left of the samples of a span that are not kept one by one any more, or were not asked for one by one. */
    void span(Span span);
}
