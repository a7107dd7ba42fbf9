package dev.vmext.fleet.alert;

import dev.vmext.protocol.metrics.LabelMatcher;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a rule looks at: one number for each series, or for each group of series of one machine.
 *
 * @param metric its name
 * @param where all must fit
 * @param dividedBy a second metric with the same labels, by which each value is divided; null for none
 * @param combine how the series of one group become one number
 * @param by labels that tell groups apart, besides the machine; only where {@code combine} is not {@link Combine#EACH}
 */
public record Signal(
        String metric, List<LabelMatcher> where, @Nullable String dividedBy, Combine combine, List<String> by) {
    private static final Pattern METRIC = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]{0,199}");
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]{0,99}");
    private static final int MOST = 16;

    /** How the series of one group become one number. */
    public enum Combine {
        /** They do not: each series is looked at by itself. */
        EACH,
        SUM,
        AVG,
        MIN,
        MAX;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Combine> find(String wire) {
            for (Combine one : values()) {
                if (one.wire().equals(wire)) {
                    return Optional.of(one);
                }
            }
            return Optional.empty();
        }
    }

    /** Throws IllegalArgumentException with what is wrong, to be read after "cannot use the rule: ". */
    public Signal {
        where = List.copyOf(where);
        by = List.copyOf(by);
        for (String name : dividedBy == null ? List.of(metric) : List.of(metric, dividedBy)) {
            if (!METRIC.matcher(name).matches()) {
                throw new IllegalArgumentException("\"" + name + "\" is no name of a metric");
            }
        }
        for (String label : by) {
            if (!LABEL.matcher(label).matches()) {
                throw new IllegalArgumentException("\"" + label + "\" is no name of a label");
            }
        }
        if (where.size() > MOST || by.size() > MOST) {
            throw new IllegalArgumentException("it has more than " + MOST + " conditions or labels");
        }
        if (combine == Combine.EACH && !by.isEmpty()) {
            throw new IllegalArgumentException("\"by\" needs \"combine\": which of the series' values should count?");
        }
    }

    /** Each series of this metric that fits. */
    public static Signal of(String metric, String... where) {
        return new Signal(
                metric, List.of(where).stream().map(LabelMatcher::parse).toList(), null, Combine.EACH, List.of());
    }

    /** The same, divided by another metric. */
    public Signal over(String other) {
        return new Signal(metric, where, other, combine, by);
    }

    /** The same, as one number for each machine. */
    public Signal combined(Combine how) {
        return new Signal(metric, where, dividedBy, how, by);
    }
}
