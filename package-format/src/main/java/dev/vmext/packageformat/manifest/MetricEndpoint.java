package dev.vmext.packageformat.manifest;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where metrics are offered in the Prometheus text format, and which of them are wanted. Immutable.
 *
 * @param name unique within the installation; the label {@code source} of its series
 * @param maxSeries the agent takes no more series than this and tells a finding {@code metrics-cardinality} when there are more
 * @param keep regular expression for whole metric names; only those are taken
 * @param drop regular expression for whole metric names that are not taken; counts after {@code keep}
 * @param labels added to every series
 */
public record MetricEndpoint(
        String name,
        MetricSource source,
        Duration interval,
        Duration timeout,
        int maxSeries,
        Optional<String> keep,
        Optional<String> drop,
        Map<String, String> labels) {
    public static final Duration INTERVAL = Duration.ofSeconds(60);
    public static final Duration TIMEOUT = Duration.ofSeconds(10);
    public static final int MAX_SERIES = 1000;
    /** The most that {@code maxSeries} may be: the agent has little memory. */
    public static final int MOST_SERIES = 20_000;

    public MetricEndpoint {
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }
}
