package dev.vmext.protocol.metrics;

/** How values of a series relate to each other: a counter only grows, except when whoever counts starts again. */
public enum MetricKind {
    COUNTER,
    GAUGE
}
