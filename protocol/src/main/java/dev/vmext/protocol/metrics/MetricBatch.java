package dev.vmext.protocol.metrics;

import java.util.List;

/**
 * Samples that travel and are acknowledged together. An agent numbers its batches from 1 within an epoch, and begins a new epoch
 * when it has lost its buffer; sending a batch again is always allowed. Immutable.
 *
 * @param epoch at most {@value #MAX_EPOCH} characters; empty when somebody else than a vmext agent sent the batch
 * @param number 0 when somebody else than a vmext agent sent the batch
 */
public record MetricBatch(String epoch, long number, List<Sample> samples) {
    public static final int MAX_EPOCH = 64;

    public MetricBatch {
        if (epoch.length() > MAX_EPOCH || number < 0) {
            throw new IllegalArgumentException("cannot use a batch of metrics: its epoch has " + epoch.length()
                    + " characters (at most " + MAX_EPOCH + ") and its number is " + number);
        }
        samples = List.copyOf(samples);
    }

    /** True when no vmext agent sent it, so that names follow OpenTelemetry's habits and not Prometheus's. */
    public boolean foreign() {
        return epoch.isEmpty();
    }
}
