package dev.vmext.server.http;

import dev.vmext.protocol.metrics.LabelMatcher;
import dev.vmext.protocol.metrics.PrometheusText;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.metrics.Combine;
import dev.vmext.server.metrics.Fold;
import dev.vmext.server.metrics.MetricQueries;
import dev.vmext.server.metrics.SeriesSelector;
import dev.vmext.server.metrics.Window;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of a range, read.
 *
 * @param aggregate as it was asked for
 * @param grouping empty for each series by itself
 */
record MetricQuestion(
        SeriesSelector selector,
        Window window,
        Fold fold,
        String aggregate,
        Optional<MetricQueries.Grouping> grouping) {
    static final String[] PARAMETERS = {"name", "match", "from", "to", "step", "aggregate", "by", "combine", "q"};

    private static final Duration AN_HOUR = Duration.ofHours(1);
    /** Steps of an answer when nobody says how long they should be. */
    private static final int STEPS = 120;
    /** Lengths that people like. */
    private static final long[] STEP_SECONDS = {
        60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 7 * 24 * 3600
    };

    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,8})(s|m|h|d)?");
    private static final String QUANTILE = "quantile";

    /** What time it is. */
    @FunctionalInterface
    interface Clock {
        long millis();
    }

    /** Which metric; refuses a question that does not say. */
    static void mustName(Call call) {
        if (call.query("name").isEmpty()) {
            throw refused("name", "it is missing", "Say which metric, for example name=node_load1.");
        }
    }

    static MetricQuestion of(Call call, long now) {
        Optional<String> name = call.query("name");
        if (name.isPresent() && !PrometheusText.isMetricName(name.get())) {
            throw refused("name", "\"" + Shown.text(name.get()) + "\" is no name of a metric", "Correct the name.");
        }
        long to = call.query("to").map(text -> time("to", text)).orElse(now);
        long from = call.query("from").map(text -> time("from", text)).orElse(Math.max(0, to - AN_HOUR.toMillis()));
        if (from >= to) {
            throw refused("from", "it does not lie before to", "Ask about a time that has a length.");
        }
        long step = call.query("step").map(MetricQuestion::step).orElseGet(() -> step(from, to));
        if ((to - from) / step >= Window.MAX_STEPS) {
            throw refused(
                    "step",
                    "it makes more than " + Window.MAX_STEPS + " steps",
                    "Ask with a longer step, or about less time.");
        }
        String aggregate = call.query("aggregate").orElse(Fold.AUTO.wire());
        Fold fold = aggregate.equals(QUANTILE)
                ? Fold.AVG
                : Fold.find(aggregate)
                        .orElseThrow(() -> refused(
                                "aggregate",
                                "there is no " + Shown.text(aggregate),
                                "Allowed are: " + names(Fold.values()) + ", quantile."));
        return new MetricQuestion(
                new SeriesSelector(name, matchers(call)),
                Window.of(from, to, step),
                fold,
                aggregate,
                grouping(call, aggregate.equals(QUANTILE)));
    }

    private static String names(Fold[] folds) {
        return Arrays.stream(folds).map(Fold::wire).collect(Collectors.joining(", "));
    }

    private static Optional<MetricQueries.Grouping> grouping(Call call, boolean quantile) {
        Optional<String> by = call.query("by");
        Optional<String> combine = call.query("combine");
        if (by.isEmpty() && combine.isEmpty() && !quantile) {
            return Optional.empty();
        }
        List<String> labels = new ArrayList<>();
        for (String label : by.orElse("").split(",", -1)) {
            String stripped = label.strip();
            if (!stripped.isEmpty() && !PrometheusText.isLabelName(stripped)) {
                throw refused(
                        "by", "\"" + Shown.text(stripped) + "\" is no label", "Name labels, with commas between.");
            }
            if (!stripped.isEmpty()) {
                labels.add(stripped);
            }
        }
        Combine how = combine.map(text -> Combine.find(text)
                        .orElseThrow(() -> refused(
                                "combine",
                                "there is no " + Shown.text(text),
                                "Allowed are: sum, avg, min, max, count, quantile.")))
                .orElse(quantile ? Combine.QUANTILE : Combine.AVG);
        double q = 0.5;
        if (how == Combine.QUANTILE) {
            String text = call.query("q").orElse("0.5");
            try {
                q = Double.parseDouble(text);
            } catch (NumberFormatException e) {
                q = Double.NaN;
            }
            if (!(q >= 0 && q <= 1)) {
                throw refused("q", "it must be a number from 0 to 1", "For example q=0.95.");
            }
        }
        return Optional.of(new MetricQueries.Grouping(labels, how, q));
    }

    static List<LabelMatcher> matchers(Call call) {
        List<LabelMatcher> matchers = new ArrayList<>();
        for (String text : call.query("match").map(all -> all.split("\n", -1)).orElse(new String[0])) {
            try {
                matchers.add(LabelMatcher.parse(text));
            } catch (IllegalArgumentException e) {
                throw refused(
                        "match", e.getMessage(), "For example match=device=eth0; repeat match for more conditions.");
            }
        }
        return matchers;
    }

    private static long time(String parameter, String text) {
        try {
            long millis = text.chars().allMatch(Character::isDigit) && text.length() <= 11
                    ? Long.parseLong(text) * 1000
                    : Instant.parse(text).toEpochMilli();
            if (millis >= 0) {
                return millis;
            }
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            // Falls through to the same problem: no time.
        }
        throw refused(
                parameter,
                "\"" + Shown.text(text) + "\" is no time",
                "Write it as 2026-11-30T12:00:00Z, or in seconds since 1970.");
    }

    private static long step(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw refused("step", "\"" + Shown.text(text) + "\" is no length", "For example 30s, 5m, 1h or 1d.");
        }
        String unit = Optional.ofNullable(matcher.group(2)).orElse("s");
        long seconds = switch (unit) {
            case "m" -> 60;
            case "h" -> 3600;
            case "d" -> 24 * 3600;
            default -> 1;
        };
        return Long.parseLong(matcher.group(1)) * seconds * 1000;
    }

    private static long step(long from, long to) {
        long least = (to - from) / 1000 / STEPS;
        for (long seconds : STEP_SECONDS) {
            if (seconds >= least) {
                return seconds * 1000;
            }
        }
        return Math.ceilDiv(least, STEP_SECONDS[STEP_SECONDS.length - 1])
                * STEP_SECONDS[STEP_SECONDS.length - 1]
                * 1000;
    }

    private static ProblemException refused(String parameter, @Nullable String why, String hint) {
        return new ProblemException(
                ProblemCode.INVALID_VALUE, "cannot read query parameter " + parameter + ": " + why, hint);
    }
}
