package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a machine measures: its series with their newest values.
 *
 * @param series in the order of names and labels
 * @param refused samples of it that were not stored since the control plane started
 * @param refusedAt when the last of them was; null when none was
 * @param refusedReason why, null when none was
 */
public record MachineMetrics(
        String machine,
        List<MetricSeries> series,
        long refused,
        @Nullable Instant refusedAt,
        @Nullable String refusedReason) {}
