package dev.vmext.server.metrics;

/** How much is kept: machines with samples, their series, bytes on the disk. */
public record MetricStoreSize(int machines, long series, long bytes) {}
