package dev.vmext.fleet;

import dev.vmext.fleet.alert.MetricSource;
import dev.vmext.fleet.alert.PlatformSeries;
import dev.vmext.fleet.alert.Point;
import dev.vmext.fleet.alert.SeriesWindow;
import dev.vmext.protocol.metrics.LabelMatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The series of one project's machines: what the control plane knows by itself ({@link PlatformSeries}), and all others from where they are
 * kept. For one look.
 */
final class PlatformSource implements MetricSource {
    /** What was not heard of for so long was never there. */
    private static final Duration MEMORY = Duration.ofDays(31);

    private final String project;
    private final List<Machine> machines;
    private final List<Installation> installations;
    private final Liveness liveness;
    private final MetricSource kept;

    PlatformSource(
            String project,
            List<Machine> machines,
            List<Installation> installations,
            Liveness liveness,
            MetricSource kept) {
        this.project = project;
        this.machines = machines;
        this.installations = installations;
        this.liveness = liveness;
        this.kept = kept;
    }

    @Override
    public List<SeriesWindow> window(
            String project, String metric, List<LabelMatcher> matchers, Instant from, Instant to) {
        return PlatformSeries.names(metric)
                ? present(metric, matchers, to)
                : kept.window(project, metric, matchers, from, to);
    }

    @Override
    public List<SeriesWindow> newest(
            String project, String metric, List<LabelMatcher> matchers, Instant now, Duration memory) {
        return PlatformSeries.names(metric)
                ? present(metric, matchers, now)
                : kept.newest(project, metric, matchers, now, memory);
    }

    private List<SeriesWindow> present(String metric, List<LabelMatcher> matchers, Instant now) {
        List<SeriesWindow> series = new ArrayList<>();
        switch (metric) {
            case PlatformSeries.MACHINE_ONLINE ->
                machines.stream()
                        .filter(PlatformSource::expectedToBeThere)
                        .forEach(machine ->
                                series.add(one(machine.id(), Map.of(), liveness.online(machine.id()) ? 1 : 0, now)));
            case PlatformSeries.CLOCK_SKEW ->
                machines.stream()
                        .filter(machine -> liveness.online(machine.id()))
                        .forEach(machine -> series.add(one(machine.id(), Map.of(), skew(machine), now)));
            case PlatformSeries.INSTALLATION_HEALTHY -> health(series, now);
            default -> throw new IllegalArgumentException(metric);
        }
        return series.stream()
                .filter(one -> matchers.stream().allMatch(matcher -> matcher.fits(one.labels())))
                .toList();
    }

    /** One that is being installed for the first time is neither healthy nor unhealthy: nobody relies on it yet. */
    private void health(List<SeriesWindow> series, Instant now) {
        List<Installation> there = installations.stream()
                .filter(Installation::present)
                .filter(installation -> liveness.online(installation.machineId()))
                .toList();
        Set<Name> coming = there.stream()
                .filter(Views::underWay)
                .map(installation -> new Name(installation.machineId(), labels(installation)))
                .collect(Collectors.toSet());
        if (!coming.isEmpty()) {
            Map<Name, Instant> created = new HashMap<>();
            there.forEach(one -> created.put(new Name(one.machineId(), labels(one)), one.createdAt()));
            for (SeriesWindow known :
                    kept.newest(project, PlatformSeries.INSTALLATION_HEALTHY, List.of(), now, MEMORY)) {
                Name name = new Name(known.machineId(), known.labels());
                Instant since = created.get(name);
                // A sample from before belongs to one of the same name that was removed.
                if (since != null && known.points().getLast().timeMillis() >= since.toEpochMilli()) {
                    coming.remove(name);
                }
            }
        }
        for (Installation installation : there) {
            Map<String, String> labels = labels(installation);
            if (!coming.contains(new Name(installation.machineId(), labels))) {
                series.add(one(installation.machineId(), labels, Views.healthy(installation) ? 1 : 0, now));
            }
        }
    }

    private record Name(String machineId, Map<String, String> labels) {}

    private static Map<String, String> labels(Installation installation) {
        return Map.of(
                "installation",
                installation.name(),
                "extension",
                installation.want().extension());
    }

    private static boolean expectedToBeThere(Machine machine) {
        return machine.enrolledAt() != null
                && !machine.deleting()
                && machine.condition().powerWanted();
    }

    private static double skew(Machine machine) {
        try {
            return Math.abs(Double.parseDouble(machine.facts().getOrDefault(FactKeys.CLOCK_SKEW, "0")));
        } catch (NumberFormatException e) {
            return 0; // what an agent tells is only text
        }
    }

    private static SeriesWindow one(String machineId, Map<String, String> labels, double value, Instant now) {
        return new SeriesWindow(machineId, labels, List.of(new Point(now.toEpochMilli(), value)));
    }
}
