package dev.vmext.fleet.alert;

import dev.vmext.protocol.metrics.LabelMatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Where series are kept. Thread-safe. */
public interface MetricSource {
    /** Knows of no series. */
    MetricSource NOTHING = new MetricSource() {
        @Override
        public List<SeriesWindow> window(
                String project, String metric, List<LabelMatcher> matchers, Instant from, Instant to) {
            return List.of();
        }

        @Override
        public List<SeriesWindow> newest(
                String project, String metric, List<LabelMatcher> matchers, Instant now, Duration memory) {
            return List.of();
        }
    };

    /**
     * Samples as they came, not thinned out, of all series of a project with this name that fit all matchers.
     *
     * @param from the first moment that counts
     * @param to the last moment that counts
     */
    List<SeriesWindow> window(String project, String metric, List<LabelMatcher> matchers, Instant from, Instant to);

    /**
     * For each series that fits, its newest sample, if that is not older than {@code memory} before {@code now}; nothing else of it.
     */
    List<SeriesWindow> newest(String project, String metric, List<LabelMatcher> matchers, Instant now, Duration memory);
}
