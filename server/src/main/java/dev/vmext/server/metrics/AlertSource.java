package dev.vmext.server.metrics;

import dev.vmext.fleet.alert.MetricSource;
import dev.vmext.fleet.alert.Point;
import dev.vmext.fleet.alert.SeriesWindow;
import dev.vmext.protocol.metrics.LabelMatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The metric store as alert rules see it. Thread-safe. */
public final class AlertSource implements MetricSource {
    private final MetricStore store;
    private final Function<String, Set<String>> machines;

    /** @param machines ids of the machines of a project */
    public AlertSource(MetricStore store, Function<String, Set<String>> machines) {
        this.store = store;
        this.machines = machines;
    }

    @Override
    public List<SeriesWindow> window(
            String project, String metric, List<LabelMatcher> matchers, Instant from, Instant to) {
        List<SeriesWindow> all = new ArrayList<>();
        store.samples(
                machines.apply(project),
                SeriesSelector.named(metric),
                Math.max(0, from.toEpochMilli()),
                to.toEpochMilli() + 1,
                series -> {
                    if (fits(matchers, series.series().labels())) {
                        List<Point> points = new ArrayList<>(series.size());
                        for (int i = 0; i < series.size(); i++) {
                            points.add(new Point(series.time(i), series.value(i)));
                        }
                        all.add(new SeriesWindow(
                                series.machine(), series.series().labels(), points));
                    }
                });
        return all;
    }

    @Override
    public List<SeriesWindow> newest(
            String project, String metric, List<LabelMatcher> matchers, Instant now, Duration memory) {
        long since = now.minus(memory).toEpochMilli();
        return store.newest(machines.apply(project), SeriesSelector.named(metric)).stream()
                .filter(one ->
                        one.timeMillis() >= since && fits(matchers, one.series().labels()))
                .map(one -> new SeriesWindow(
                        one.machine(), one.series().labels(), List.of(new Point(one.timeMillis(), one.value()))))
                .toList();
    }

    private static boolean fits(List<LabelMatcher> matchers, Map<String, String> labels) {
        return matchers.stream().allMatch(matcher -> matcher.fits(labels));
    }
}
