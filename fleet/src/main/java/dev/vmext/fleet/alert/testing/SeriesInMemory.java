package dev.vmext.fleet.alert.testing;

import dev.vmext.fleet.alert.MetricSource;
import dev.vmext.fleet.alert.Point;
import dev.vmext.fleet.alert.SeriesWindow;
import dev.vmext.protocol.metrics.LabelMatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Series in lists, all of them of every project. One thread. */
public final class SeriesInMemory implements MetricSource {
    private record Name(String machineId, String metric, Map<String, String> labels) {}

    private final Map<Name, List<Point>> series = new LinkedHashMap<>();

    /** One more sample, later than the ones before it. */
    public void add(String machineId, String metric, Map<String, String> labels, Instant at, double value) {
        series.computeIfAbsent(new Name(machineId, metric, Map.copyOf(labels)), name -> new ArrayList<>())
                .add(new Point(at.toEpochMilli(), value));
    }

    /** Nothing was ever heard of this machine. */
    public void forget(String machineId) {
        series.keySet().removeIf(name -> name.machineId().equals(machineId));
    }

    @Override
    public List<SeriesWindow> window(
            String project, String metric, List<LabelMatcher> matchers, Instant from, Instant to) {
        List<SeriesWindow> found = new ArrayList<>();
        series.forEach((name, points) -> {
            if (fits(name, metric, matchers)) {
                List<Point> inside = points.stream()
                        .filter(point ->
                                point.timeMillis() >= from.toEpochMilli() && point.timeMillis() <= to.toEpochMilli())
                        .toList();
                if (!inside.isEmpty()) {
                    found.add(new SeriesWindow(name.machineId(), name.labels(), inside));
                }
            }
        });
        return found;
    }

    @Override
    public List<SeriesWindow> newest(
            String project, String metric, List<LabelMatcher> matchers, Instant now, Duration memory) {
        return window(project, metric, matchers, now.minus(memory), now).stream()
                .map(one -> new SeriesWindow(
                        one.machineId(), one.labels(), List.of(one.points().getLast())))
                .toList();
    }

    private static boolean fits(Name name, String metric, List<LabelMatcher> matchers) {
        return name.metric().equals(metric) && matchers.stream().allMatch(matcher -> matcher.fits(name.labels()));
    }
}
