package dev.vmext.cli;

import dev.vmext.protocol.api.MachineMetrics;
import dev.vmext.protocol.api.MetricRange;
import dev.vmext.protocol.api.MetricRangeSeries;
import dev.vmext.protocol.api.MetricSeries;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a machine measures, drawn. */
@Command(
        name = "metrics",
        description = {
            "What a machine measures: all its metrics with their newest values and how they went, or one metric with all its series.",
            "Counters are shown as growth per second. A gap in a line means that there is no value."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  vmext metrics demo                                       what there is",
            "  vmext metrics demo node_load1 --since 6h                 one metric over six hours",
            "  vmext metrics demo node_cpu_seconds_total --match mode=idle --watch",
            "  vmext metrics demo node_memory_MemAvailable_bytes -o json"
        })
final class MetricsCommand extends MachineCommand {
    private static final int WIDTH = 60;
    private static final int NARROW = 30;
    /** Ways to make one value of several that give a value again. */
    private static final List<String> OF_VALUES = List.of("auto", "avg", "min", "max", "last");

    private static final String CLEAR = "\033[H\033[2J\033[3J";
    /** Labels that every series of the machine has. */
    private static final List<String> OBVIOUS = List.of("machine");

    @Parameters(index = "0", paramLabel = "MACHINE")
    String machine = "";

    @Parameters(index = "1", paramLabel = "NAME", arity = "0..1", description = "The metric (default: all of them).")
    @Nullable String name;

    @Option(
            names = "--since",
            paramLabel = "AGE",
            defaultValue = "1h",
            converter = AgeConverter.class,
            description = "How far to look back, for example 30m, 6h or 30d (default: ${DEFAULT-VALUE}).")
    Duration since = Duration.ofHours(1);

    @Option(
            names = "--match",
            paramLabel = "LABEL=VALUE",
            description = "Only series with this label; =~ takes a regular expression, != and !~ exclude. Repeatable.")
    List<String> match = List.of();

    @Option(
            names = "--aggregate",
            paramLabel = "HOW",
            defaultValue = "auto",
            description =
                    "avg, min, max, sum, last, count or rate within a step (default: auto, rate for counters, else avg).")
    String aggregate = "auto";

    @Option(names = "--watch", description = "Look again and again, until Ctrl-C.")
    boolean watch;

    @Option(
            names = "--interval",
            paramLabel = "AGE",
            defaultValue = "5s",
            converter = AgeConverter.class,
            description = "How often to look with --watch (default: ${DEFAULT-VALUE}).")
    Duration interval = Duration.ofSeconds(5);

    MetricsCommand(Surroundings world) {
        super(world);
    }

    @Override
    void run(ApiClient client) throws InterruptedException {
        do {
            look(client);
            if (watch) {
                Output.mustBeRead(world.out());
                world.pause().forDuration(interval);
            }
        } while (watch);
    }

    private void look(ApiClient client) throws InterruptedException {
        MachineMetrics now =
                client.get(global.machinePath(machine) + "/metrics" + query(parameters(false)), MachineMetrics.class);
        if (now.series().isEmpty()) {
            nothing(client, now);
            return;
        }
        MetricRange range =
                client.get(global.machinePath(machine) + "/metrics/range" + query(parameters(true)), MetricRange.class);
        Object answer = name == null ? now : range;
        global.output().print(answer, () -> {
            if (watch && world.terminal()) {
                world.out().print(CLEAR);
            }
            if (name == null) {
                overview(now, range);
            } else {
                one(name, now, range);
            }
            refused(now, world.out());
        });
    }

    private List<String> parameters(boolean range) {
        List<String> parameters = new ArrayList<>();
        if (name != null) {
            parameters.add("name=" + encoded(name));
        }
        match.forEach(condition -> parameters.add("match=" + encoded(condition)));
        if (range) {
            Instant to = world.clock().instant();
            parameters.add("from=" + encoded(to.minus(since).toString()));
            parameters.add("to=" + encoded(to.toString()));
            parameters.add("step=" + Math.max(1, since.toSeconds() / (name == null ? NARROW : WIDTH)) + "s");
            parameters.add("aggregate=" + encoded(aggregate));
        }
        return parameters;
    }

    private static String query(List<String> parameters) {
        return parameters.isEmpty() ? "" : "?" + String.join("&", parameters);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Nothing to show: says what is missing, and what would help. */
    private void nothing(ApiClient client, MachineMetrics now) throws InterruptedException {
        if (name == null && match.isEmpty()) {
            global.output().print(now, () -> {
                world.out().println("Machine " + machine + " has sent no metrics yet.");
                world.out()
                        .println("Metrics come from extensions that declare them, for example: vmext install " + machine
                                + " vmext.Metrics --wait");
                refused(now, world.out());
            });
            return;
        }
        MachineMetrics all = client.get(global.machinePath(machine) + "/metrics", MachineMetrics.class);
        List<String> names =
                all.series().stream().map(MetricSeries::name).distinct().toList();
        boolean known = name == null || names.contains(name);
        String wanted = name == null ? "metrics" : name;
        throw new ProblemException(
                ProblemCode.INVALID_VALUE,
                known
                        ? "cannot show " + wanted + " of machine " + machine + ": no series has "
                                + String.join(", ", match)
                        : "cannot show " + wanted + " of machine " + machine + ": it has sent no such metric",
                known || names.isEmpty()
                        ? "'vmext metrics " + machine + (name == null ? "" : " " + name) + "' shows what there is."
                        : "It has " + names.size() + " metrics" + nearest(wanted, names) + "; 'vmext metrics " + machine
                                + "' lists them.");
    }

    private static String nearest(String wanted, List<String> names) {
        List<String> alike = names.stream()
                .filter(one -> one.contains(wanted) || wanted.contains(one))
                .limit(3)
                .toList();
        return alike.isEmpty() ? "" : ", among them " + String.join(", ", alike);
    }

    /** One line for each metric. */
    private void overview(MachineMetrics now, MetricRange range) {
        Map<String, List<MetricSeries>> byName = now.series().stream()
                .collect(Collectors.groupingBy(MetricSeries::name, TreeMap::new, Collectors.toList()));
        Map<String, List<MetricRangeSeries>> lines =
                range.series().stream().collect(Collectors.groupingBy(MetricRangeSeries::name));
        Table table = new Table(
                "METRIC", "SERIES", "NOW", "LAST " + Ages.length(since).toUpperCase(Locale.ROOT), "AGE");
        byName.forEach((metric, series) -> {
            List<@Nullable Double> values = mean(lines.getOrDefault(metric, List.of()), range.steps());
            boolean rate = rate(series.getFirst().kind());
            table.row(
                    metric,
                    series.size(),
                    shown(metric, now(series, values), rate),
                    Sparkline.of(values, NARROW + 1),
                    age(series));
        });
        table.print(world.out());
    }

    /** What a single series has now; of several, or of a counter, the newest point of the line. */
    private static @Nullable Double now(List<MetricSeries> series, List<@Nullable Double> values) {
        if (series.size() == 1 && series.getFirst().kind().equals("gauge")) {
            return series.getFirst().value();
        }
        return last(values);
    }

    /**
     * What one line has now: a gauge its newest value, where the line is made of values too and not of their number or growth; else the newest
     * point of the line. An average over the last step would be called "now" and be none.
     */
    static @Nullable Double now(MetricRangeSeries line, List<MetricSeries> newest, String aggregate) {
        if (line.kind().equals("gauge") && OF_VALUES.contains(aggregate)) {
            for (MetricSeries series : newest) {
                if (series.name().equals(line.name()) && series.labels().equals(line.labels())) {
                    return series.value();
                }
            }
        }
        return last(line.values());
    }

    private static @Nullable Double last(List<@Nullable Double> values) {
        for (int i = values.size() - 1; i >= 0; i--) {
            if (values.get(i) != null) {
                return values.get(i);
            }
        }
        return null;
    }

    private static List<@Nullable Double> mean(List<MetricRangeSeries> series, int steps) {
        List<@Nullable Double> mean = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            double sum = 0;
            int count = 0;
            for (MetricRangeSeries one : series) {
                Double value = one.values().get(step);
                if (value != null) {
                    sum += value;
                    count++;
                }
            }
            mean.add(count == 0 ? null : sum / count);
        }
        return mean;
    }

    /** One line for each series of a metric. */
    private void one(String metric, MachineMetrics now, MetricRange range) {
        world.out()
                .println(metric + " of " + machine + ", last " + Ages.length(since) + ", a column is "
                        + Ages.length(Duration.ofSeconds(range.stepSeconds())));
        Table table = new Table("SERIES", "NOW", "MIN", "MAX", "");
        for (MetricRangeSeries series : range.series()) {
            boolean rate = rate(series.kind());
            List<Double> there = series.values().stream()
                    .filter(Objects::nonNull)
                    .map(Objects::requireNonNull)
                    .toList();
            table.row(
                    labels(series.labels()),
                    shown(metric, now(series, now.series(), aggregate), rate),
                    shown(metric, there.stream().min(Double::compare).orElse(null), rate),
                    shown(metric, there.stream().max(Double::compare).orElse(null), rate),
                    Sparkline.of(series.values(), WIDTH + 1));
        }
        table.print(world.out());
        int silent = now.series().size() - range.series().size();
        if (silent > 0) {
            world.out()
                    .println(silent + (silent == 1 ? " series has" : " series have") + " no value in the last "
                            + Ages.length(since) + "; look further back with --since.");
        }
    }

    private boolean rate(String kind) {
        return aggregate.equals("rate") || (aggregate.equals("auto") && kind.equals("counter"));
    }

    private static String shown(String metric, @Nullable Double value, boolean rate) {
        return value == null ? "-" : Quantity.of(metric, value, rate);
    }

    private static String labels(Map<String, String> labels) {
        String text = labels.entrySet().stream()
                .filter(label -> !OBVIOUS.contains(label.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(" "));
        return text.isEmpty() ? "-" : text;
    }

    private String age(List<MetricSeries> series) {
        if (series.stream().allMatch(MetricSeries::ended)) {
            return "ended";
        }
        Instant newest =
                series.stream().map(MetricSeries::time).max(Instant::compareTo).orElseThrow();
        return Ages.ago(newest, world.clock().instant());
    }

    private void refused(MachineMetrics now, PrintStream out) {
        if (now.refused() > 0) {
            out.println();
            out.println(now.refused() + " samples of this machine were not stored, the last "
                    + Ages.ago(now.refusedAt(), world.clock().instant()) + " ago: "
                    + Table.clean(String.valueOf(now.refusedReason())));
        }
    }
}
