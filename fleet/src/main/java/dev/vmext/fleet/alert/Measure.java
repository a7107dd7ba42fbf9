package dev.vmext.fleet.alert;

import dev.vmext.protocol.metrics.LabelMatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** Turns series into one reading for each thing a rule looks at. Pure. */
final class Measure {
    /** A line through fewer points than this is drawn through noise. */
    private static final int FEWEST_POINTS = 5;

    private Measure() {}

    /** What the rule says of everything its source knows now. */
    static List<Reading> look(AlertRule rule, String project, MetricSource source, Instant now) {
        if (rule.condition() instanceof Condition.Absence absence) {
            return absences(rule, absence, project, source, now);
        }
        Signal signal = rule.signal();
        List<SeriesWindow> series = series(rule.condition(), project, signal.metric(), signal.where(), source, now);
        String divisor = signal.dividedBy();
        if (divisor != null) {
            series = quotients(series, series(rule.condition(), project, divisor, signal.where(), source, now));
        }
        return signal.combine() == Signal.Combine.EACH ? each(rule, series, now) : groups(rule, series, now);
    }

    /** The newest value is enough for a threshold, and much cheaper to come by. */
    private static List<SeriesWindow> series(
            Condition condition,
            String project,
            String metric,
            List<LabelMatcher> where,
            MetricSource source,
            Instant now) {
        return condition instanceof Condition.Threshold
                ? source.newest(project, metric, where, now, condition.window())
                : source.window(project, metric, where, now.minus(condition.window()), now);
    }

    private static List<Reading> each(AlertRule rule, List<SeriesWindow> series, Instant now) {
        List<Reading> readings = new ArrayList<>();
        for (SeriesWindow one : series) {
            number(rule.condition(), one.points(), now)
                    .ifPresent(value -> readings.add(
                            Reading.of(rule.name(), one.machineId(), one.labels(), value, holds(rule, value))));
        }
        return readings;
    }

    private record Group(String machineId, Map<String, String> labels) {}

    private static List<Reading> groups(AlertRule rule, List<SeriesWindow> series, Instant now) {
        Map<Group, List<Double>> values = new HashMap<>();
        for (SeriesWindow one : series) {
            number(rule.condition(), one.points(), now).ifPresent(value -> {
                Map<String, String> labels = new TreeMap<>();
                for (String label : rule.signal().by()) {
                    labels.put(label, one.labels().getOrDefault(label, ""));
                }
                values.computeIfAbsent(new Group(one.machineId(), labels), group -> new ArrayList<>())
                        .add(value);
            });
        }
        List<Reading> readings = new ArrayList<>();
        values.forEach((group, all) -> {
            double value = combined(rule.signal().combine(), all);
            readings.add(Reading.of(rule.name(), group.machineId(), group.labels(), value, holds(rule, value)));
        });
        return readings;
    }

    private static double combined(Signal.Combine how, List<Double> values) {
        double sum = values.stream().mapToDouble(Double::doubleValue).sum();
        return switch (how) {
            case EACH -> throw new IllegalStateException("each series stands for itself");
            case SUM -> sum;
            case AVG -> sum / values.size();
            case MIN -> values.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
            case MAX -> values.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
        };
    }

    private static boolean holds(AlertRule rule, double value) {
        return switch (rule.condition()) {
            case Condition.Threshold threshold -> threshold.comparison().holds(value, threshold.limit());
            case Condition.Rate rate -> rate.comparison().holds(value, rate.limit());
            case Condition.Forecast forecast -> forecast.comparison().holds(value, forecast.limit());
            case Condition.Absence absence -> value > absence.window().toSeconds();
        };
    }

    /** Empty when the points do not say. */
    private static OptionalDouble number(Condition condition, List<Point> points, Instant now) {
        if (points.isEmpty() || points.getLast().ended()) {
            return OptionalDouble.empty();
        }
        List<Point> numbers = sinceTheLastEnd(points);
        return switch (condition) {
            case Condition.Threshold _ -> OptionalDouble.of(numbers.getLast().value());
            case Condition.Rate _ -> rate(numbers);
            case Condition.Forecast forecast -> forecast(numbers, forecast.window(), forecast.ahead(), now);
            case Condition.Absence _ -> OptionalDouble.empty();
        };
    }

    /** A series that ended and began again is another one. */
    private static List<Point> sinceTheLastEnd(List<Point> points) {
        for (int i = points.size() - 1; i >= 0; i--) {
            if (points.get(i).ended()) {
                return points.subList(i + 1, points.size());
            }
        }
        return points;
    }

    private static OptionalDouble rate(List<Point> points) {
        double seconds = (points.getLast().timeMillis() - points.getFirst().timeMillis()) / 1000.0;
        if (points.size() < 2 || seconds <= 0) {
            return OptionalDouble.empty();
        }
        double risen = 0;
        for (int i = 1; i < points.size(); i++) {
            double step = points.get(i).value() - points.get(i - 1).value();
            risen += step >= 0 ? step : points.get(i).value();
        }
        return OptionalDouble.of(risen / seconds);
    }

    private static OptionalDouble forecast(List<Point> points, Duration window, Duration ahead, Instant now) {
        long known = points.getLast().timeMillis() - points.getFirst().timeMillis();
        if (points.size() < FEWEST_POINTS || known * 2 < window.toMillis()) {
            return OptionalDouble.empty();
        }
        // Seconds from now, so that the numbers stay small and the line's height at 0 is the present.
        double sumX = 0;
        double sumY = 0;
        double sumXx = 0;
        double sumXy = 0;
        for (Point point : points) {
            double x = (point.timeMillis() - now.toEpochMilli()) / 1000.0;
            sumX += x;
            sumY += point.value();
            sumXx += x * x;
            sumXy += x * point.value();
        }
        int n = points.size();
        double slope = (n * sumXy - sumX * sumY) / (n * sumXx - sumX * sumX);
        double present = (sumY - slope * sumX) / n;
        return OptionalDouble.of(present + slope * ahead.toSeconds());
    }

    /** Point by point where both have one at the same time, as values of one scrape do. */
    private static List<SeriesWindow> quotients(List<SeriesWindow> dividends, List<SeriesWindow> divisors) {
        Map<Group, Map<Long, Double>> below = new HashMap<>();
        for (SeriesWindow divisor : divisors) {
            Map<Long, Double> values =
                    below.computeIfAbsent(new Group(divisor.machineId(), divisor.labels()), group -> new HashMap<>());
            divisor.points().forEach(point -> values.put(point.timeMillis(), point.value()));
        }
        List<SeriesWindow> quotients = new ArrayList<>();
        for (SeriesWindow dividend : dividends) {
            Map<Long, Double> values = below.getOrDefault(new Group(dividend.machineId(), dividend.labels()), Map.of());
            List<Point> points = new ArrayList<>();
            for (Point point : dividend.points()) {
                double divisor = values.getOrDefault(point.timeMillis(), 0.0);
                if (divisor != 0) {
                    points.add(new Point(point.timeMillis(), point.value() / divisor));
                }
            }
            quotients.add(new SeriesWindow(dividend.machineId(), dividend.labels(), points));
        }
        return quotients;
    }

    private static List<Reading> absences(
            AlertRule rule, Condition.Absence absence, String project, MetricSource source, Instant now) {
        List<Reading> readings = new ArrayList<>();
        Signal signal = rule.signal();
        for (SeriesWindow one : source.newest(project, signal.metric(), signal.where(), now, absence.memory())) {
            if (!one.points().isEmpty() && !one.points().getLast().ended()) {
                double silent = (now.toEpochMilli() - one.points().getLast().timeMillis()) / 1000.0;
                readings.add(Reading.of(rule.name(), one.machineId(), one.labels(), silent, holds(rule, silent)));
            }
        }
        return readings;
    }
}
