package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.protocol.api.MachineMetrics;
import dev.vmext.protocol.api.MetricRange;
import dev.vmext.protocol.api.MetricRangeSeries;
import dev.vmext.protocol.api.MetricSeries;
import dev.vmext.protocol.metrics.LabelMatcher;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.metrics.Exposition;
import dev.vmext.server.metrics.MetricQueries;
import dev.vmext.server.metrics.Refusals;
import dev.vmext.server.metrics.SelectorText;
import dev.vmext.server.metrics.SeriesSelector;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code .../metrics}: what machines measure, now and over time, and the same for Prometheus. */
final class MetricResource {
    /** What is older is not offered to Prometheus, as Prometheus itself does. */
    private static final Duration FRESH = Duration.ofMinutes(5);

    private final Fleet fleet;
    private final MetricQueries queries;
    private final Refusals refusals;
    private final MetricQuestion.Clock clock;

    MetricResource(Fleet fleet, MetricQueries queries, Refusals refusals, MetricQuestion.Clock clock) {
        this.fleet = fleet;
        this.queries = queries;
        this.refusals = refusals;
        this.clock = clock;
    }

    /** Names, series and newest values of a machine. */
    Answer show(Call call) {
        MachineRecord machine = fleet.machineRecord(call.path("project"), call.path("machine"));
        List<LabelMatcher> matchers = new ArrayList<>(MetricQuestion.matchers(call));
        matchers.add(LabelMatcher.equal(MetricQueries.MACHINE, machine.name()));
        SeriesSelector selector = new SeriesSelector(call.query("name"), matchers);
        List<MetricSeries> series = queries.all(call.path("project"), selector).stream()
                .map(one -> new MetricSeries(
                        one.series().name(),
                        one.series().labels(),
                        wire(one.kind()),
                        Instant.ofEpochMilli(one.timeMillis()),
                        finite(one.value()),
                        Double.isNaN(one.value())))
                .toList();
        Optional<Refusals.Refusal> refused = refusals.find(machine.id());
        return Answer.ok(new MachineMetrics(
                machine.name(),
                series,
                refused.map(Refusals.Refusal::samples).orElse(0L),
                refused.map(Refusals.Refusal::at).orElse(null),
                refused.map(Refusals.Refusal::reason).orElse(null)));
    }

    /** One metric of a machine over time, or all of them. */
    Answer machineRange(Call call) {
        MachineRecord machine = fleet.machineRecord(call.path("project"), call.path("machine"));
        return range(call, Optional.of(LabelMatcher.equal(MetricQueries.MACHINE, machine.name())));
    }

    /** One metric of all machines over time. */
    Answer projectRange(Call call) {
        fleet.listMachines(call.path("project"));
        MetricQuestion.mustName(call);
        return range(call, Optional.empty());
    }

    private Answer range(Call call, Optional<LabelMatcher> machine) {
        MetricQuestion question = MetricQuestion.of(call, clock.millis());
        List<LabelMatcher> matchers = new ArrayList<>(question.selector().matchers());
        machine.ifPresent(matchers::add);
        SeriesSelector selector = new SeriesSelector(question.selector().name(), matchers);
        String project = call.path("project");
        List<MetricQueries.Ranged> all = question.grouping().isPresent()
                ? queries.range(
                        project,
                        selector,
                        question.window(),
                        question.fold(),
                        question.grouping().get())
                : queries.range(project, selector, question.window(), question.fold());
        return Answer.ok(new MetricRange(
                question.selector().name().orElse(""),
                Instant.ofEpochMilli(question.window().fromMillis()),
                question.window().stepMillis() / 1000,
                question.window().steps(),
                question.aggregate(),
                all.stream()
                        .map(one ->
                                new MetricRangeSeries(one.name(), one.labels(), wire(one.kind()), finite(one.values())))
                        .toList()));
    }

    /** What Prometheus reads. */
    Answer federate(Call call) {
        String project = call.path("project");
        fleet.listMachines(project);
        String match = call.query("match[]")
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot federate: match[] does not say which series",
                        "Add for example match[]={__name__=~\"node_.*\"}."));
        Set<MetricQueries.Latest> samples = new LinkedHashSet<>();
        for (String selector : match.split("\n", -1)) {
            samples.addAll(queries.latest(project, selector(selector), FRESH));
        }
        return new Answer.Stream(Exposition.MEDIA_TYPE, Map.of(), out -> Exposition.write(List.copyOf(samples), out));
    }

    private static SeriesSelector selector(String text) {
        try {
            return SelectorText.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot use match[] \"" + Shown.text(text) + "\": " + e.getMessage(),
                    "Write it as name{label=\"value\"}.",
                    e);
        }
    }

    private static String wire(MetricKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static List<@Nullable Double> finite(double[] values) {
        List<@Nullable Double> all = new ArrayList<>(values.length);
        for (double value : values) {
            all.add(finite(value));
        }
        return all;
    }
}
