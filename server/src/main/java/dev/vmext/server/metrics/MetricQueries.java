package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.LabelMatcher;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Questions about the metrics of a project, in its words: machines by name. Every series gets the label {@code machine}; one that it
 * had becomes {@code exported_machine}. Conditions on {@code machine} choose machines. Thread-safe.
 */
public final class MetricQueries {
    public static final String MACHINE = "machine";
    /** Values in one answer. */
    public static final int MOST_VALUES = 2_000_000;

    private static final String EXPORTED_MACHINE = "exported_machine";

    private final MetricStore store;
    private final Function<String, Map<String, String>> machines;
    private final InstantSource clock;

    /** @param machines the machines of a project, their names by their ids */
    public MetricQueries(MetricStore store, Function<String, Map<String, String>> machines, InstantSource clock) {
        this.store = store;
        this.machines = machines;
        this.clock = clock;
    }

    /**
     * The newest sample of a series.
     *
     * @param series with the label {@code machine}
     */
    public record Latest(
            String machineId, String machine, SeriesKey series, MetricKind kind, long timeMillis, double value) {}

    /**
     * A series, or what several became.
     *
     * @param labels with {@code machine}, or those that were grouped by
     * @param values one per step, {@code NaN} where there is none
     */
    @SuppressWarnings("ArrayRecordComponent") // millions of numbers; whoever gets it owns it
    public record Ranged(String name, Map<String, String> labels, MetricKind kind, double[] values) {}

    /**
     * What becomes of several series at one step.
     *
     * @param by the labels whose values tell groups apart; empty makes one group of all
     * @param quantile 0 to 1, for {@link Combine#QUANTILE}
     */
    public record Grouping(List<String> by, Combine combine, double quantile) {
        public Grouping {
            by = List.copyOf(by);
        }
    }

    /** Series that have a value and whose newest sample is not older than that; in the order of machines, then of keys. */
    public List<Latest> latest(String project, SeriesSelector selector, Duration notOlder) {
        long since = clock.millis() - notOlder.toMillis();
        return all(project, selector).stream()
                .filter(one -> one.timeMillis() >= since && !Double.isNaN(one.value()))
                .toList();
    }

    /** The newest of every series, however old, ended ones too. */
    public List<Latest> all(String project, SeriesSelector selector) {
        Split split = split(project, selector);
        List<Latest> all = new ArrayList<>();
        for (Newest one : store.newest(split.machines().keySet(), split.selector())) {
            String name = split.name(one.machine());
            all.add(new Latest(
                    one.machine(), name, labelled(one.series(), name), one.kind(), one.timeMillis(), one.value()));
        }
        return all;
    }

    /** Each series by itself. */
    public List<Ranged> range(String project, SeriesSelector selector, Window window, Fold fold) {
        Split split = split(project, selector);
        List<Ranged> all = new ArrayList<>();
        store.range(split.machines().keySet(), split.selector(), window, fold, one -> {
            all.add(new Ranged(
                    one.series().name(),
                    labelled(one.series(), split.name(one.machine())).labels(),
                    one.kind(),
                    one.values()));
            bounded(all.size(), window);
        });
        return all;
    }

    /** Series of one name put together, in the order of the labels' values. */
    public List<Ranged> range(String project, SeriesSelector selector, Window window, Fold fold, Grouping grouping) {
        Split split = split(project, selector);
        SortedMap<String, Group> groups = new TreeMap<>();
        int[] series = {0};
        store.range(split.machines().keySet(), split.selector(), window, fold, one -> {
            Map<String, String> labels = new LinkedHashMap<>();
            SortedMap<String, String> own =
                    labelled(one.series(), split.name(one.machine())).labels();
            grouping.by().forEach(label -> labels.put(label, own.getOrDefault(label, "")));
            groups.computeIfAbsent(
                            one.series().name() + labels,
                            none -> new Group(one.series().name(), labels, one.kind(), new ArrayList<>()))
                    .series()
                    .add(one.values());
            bounded(++series[0], window);
        });
        return groups.values().stream()
                .map(group -> new Ranged(
                        group.name(), group.labels(), group.kind(), combined(group.series(), window, grouping)))
                .toList();
    }

    private record Group(String name, Map<String, String> labels, MetricKind kind, List<double[]> series) {}

    private static double[] combined(List<double[]> series, Window window, Grouping grouping) {
        double[] values = new double[window.steps()];
        for (int step = 0; step < values.length; step++) {
            int at = step;
            double[] here = series.stream()
                    .mapToDouble(one -> one[at])
                    .filter(value -> !Double.isNaN(value))
                    .toArray();
            values[step] = grouping.combine().of(here, grouping.quantile());
        }
        return values;
    }

    private static void bounded(int series, Window window) {
        if ((long) series * window.steps() > MOST_VALUES) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot answer about so much at once: more than " + MOST_VALUES + " values",
                    "Ask with a longer step, about less time, or pick fewer series with match.");
        }
    }

    /** The machines that are meant, and what is left of the selector when its conditions on them are gone. */
    private record Split(Map<String, String> machines, SeriesSelector selector) {
        String name(String machineId) {
            String name = machines.get(machineId);
            if (name == null) {
                throw new IllegalStateException("the store answers about a machine that was not asked for");
            }
            return name;
        }
    }

    private Split split(String project, SeriesSelector selector) {
        List<LabelMatcher> left = new ArrayList<>();
        Map<String, String> chosen = new TreeMap<>(machines.apply(project));
        for (LabelMatcher matcher : selector.matchers()) {
            switch (matcher.label()) {
                case MACHINE -> chosen.values().removeIf(name -> !matcher.fits(name));
                case EXPORTED_MACHINE -> left.add(LabelMatcher.of(MACHINE, matcher.kind(), matcher.value()));
                default -> left.add(matcher);
            }
        }
        return new Split(chosen, new SeriesSelector(selector.name(), left));
    }

    private static SeriesKey labelled(SeriesKey series, String machine) {
        SortedMap<String, String> labels = new TreeMap<>(series.labels());
        String theirs = labels.put(MACHINE, machine);
        if (theirs != null) {
            labels.put(EXPORTED_MACHINE, theirs);
        }
        return labels.size() > SeriesKey.MAX_LABELS ? series : new SeriesKey(series.name(), labels);
    }
}
