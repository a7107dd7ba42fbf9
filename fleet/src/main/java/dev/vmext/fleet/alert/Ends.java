package dev.vmext.fleet.alert;

import dev.vmext.protocol.metrics.LabelMatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which series are gone because what they are about is: the agent said their end, and whoever offered them answers without them or is asked
 * no more himself. The end of all series of a program that does not answer is no news of what they are about. Asks the source only when
 * there is something to know. One thread, for one look.
 */
final class Ends {
    private static final String UP = "up";
    private static final List<String> ORIGIN = List.of("installation", "source");

    private final AlertRule rule;
    private final String project;
    private final MetricSource source;
    private final Instant now;
    private final Duration memory;
    private final Map<Series, Long> ended = new HashMap<>();
    private final Map<Series, Point> up = new HashMap<>();
    private boolean asked;

    private record Series(String machineId, Map<String, String> labels) {}

    /** @param memory how long an end is remembered */
    Ends(AlertRule rule, String project, MetricSource source, Instant now, Duration memory) {
        this.rule = rule;
        this.project = project;
        this.source = source;
        this.now = now;
        this.memory = memory;
    }

    /** Whether the series that an alert is about is gone for good; never of alerts about several. */
    boolean has(AlertKey key) {
        if (rule.signal().combine() != Signal.Combine.EACH) {
            return false;
        }
        ask();
        Long end = ended.get(new Series(key.machineId(), key.labels()));
        Point origin = up.get(origin(key.machineId(), key.labels()));
        return end != null && origin != null && origin.timeMillis() >= end && (origin.ended() || origin.value() == 1);
    }

    private void ask() {
        if (asked) {
            return;
        }
        asked = true;
        for (SeriesWindow one : newest(rule.signal().metric(), rule.signal().where())) {
            if (one.points().getLast().ended()) {
                ended.put(
                        new Series(one.machineId(), one.labels()),
                        one.points().getLast().timeMillis());
            }
        }
        if (!ended.isEmpty()) {
            newest(UP, List.of())
                    .forEach(one -> up.merge(
                            origin(one.machineId(), one.labels()), one.points().getLast(), Ends::later));
        }
    }

    private List<SeriesWindow> newest(String metric, List<LabelMatcher> where) {
        return source.newest(project, metric, where, now, memory);
    }

    /** Settings that change the labels of an endpoint make another series of the same name. */
    private static Point later(Point one, Point other) {
        return other.timeMillis() > one.timeMillis() ? other : one;
    }

    private static Series origin(String machineId, Map<String, String> labels) {
        Map<String, String> origin = new HashMap<>(labels);
        origin.keySet().retainAll(ORIGIN);
        return new Series(machineId, Map.copyOf(origin));
    }
}
