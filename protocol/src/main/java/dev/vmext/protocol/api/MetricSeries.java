package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A series and its newest sample.
 *
 * @param kind counter or gauge
 * @param value null when the series has ended or the value is no finite number
 * @param ended whether it has no value any more
 */
public record MetricSeries(
        String name,
        Map<String, String> labels,
        String kind,
        Instant time,
        @Nullable Double value,
        boolean ended) {}
