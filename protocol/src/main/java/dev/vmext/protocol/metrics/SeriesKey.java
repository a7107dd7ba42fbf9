package dev.vmext.protocol.metrics;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What tells one series from another: a metric name and labels, as Prometheus has them. A label with an empty value is the same
 * as no label and is left out. Immutable; two keys are equal when name and labels are.
 *
 * @param name 1 to {@value #MAX_NAME} characters of {@code [a-zA-Z_:][a-zA-Z0-9_:]*}
 * @param labels at most {@value #MAX_LABELS}, sorted; names like metric names but without colon or two leading underscores, values of at most
 *     {@value #MAX_VALUE} characters
 */
public record SeriesKey(String name, SortedMap<String, String> labels) implements Comparable<SeriesKey> {
    public static final int MAX_NAME = 256;
    public static final int MAX_LABELS = 64;
    public static final int MAX_VALUE = 2048;

    /** Throws {@link IllegalArgumentException} with a sentence for people when a rule above is broken. */
    public SeriesKey {
        if (!PrometheusText.isMetricName(name) || name.length() > MAX_NAME) {
            throw new IllegalArgumentException(
                    "cannot use " + shown(name) + " as the name of a metric: it must be 1 to " + MAX_NAME
                            + " letters, digits, underscores or colons and not start with a digit");
        }
        TreeMap<String, String> copy = new TreeMap<>();
        for (Map.Entry<String, String> label : labels.entrySet()) {
            if (!label.getValue().isEmpty()) {
                check(name, label.getKey(), label.getValue());
                copy.put(label.getKey(), label.getValue());
            }
        }
        if (copy.size() > MAX_LABELS) {
            throw new IllegalArgumentException("cannot use a series of " + name + ": it has " + copy.size()
                    + " labels, the limit is " + MAX_LABELS);
        }
        labels = Collections.unmodifiableSortedMap(copy);
    }

    public static SeriesKey of(String name, Map<String, String> labels) {
        return new SeriesKey(name, new TreeMap<>(labels));
    }

    public static SeriesKey of(String name) {
        return new SeriesKey(name, Collections.emptySortedMap());
    }

    private static void check(String metric, String label, String value) {
        if (!PrometheusText.isLabelName(label) || label.startsWith("__") || label.length() > MAX_NAME) {
            throw new IllegalArgumentException(
                    "cannot use " + shown(label) + " as a label of " + metric + ": it must be 1 to " + MAX_NAME
                            + " letters, digits or underscores and start neither with a digit nor with two underscores");
        }
        if (value.length() > MAX_VALUE) {
            throw new IllegalArgumentException("cannot use a series of " + metric + ": the value of its label " + label
                    + " has " + value.length() + " characters, the limit is " + MAX_VALUE);
        }
    }

    private static String shown(String text) {
        Objects.requireNonNull(text);
        return "'" + (text.length() > 80 ? text.substring(0, 80) + "..." : text) + "'";
    }

    /** By name, then by labels; the order means nothing else. */
    @Override
    public int compareTo(SeriesKey other) {
        int byName = name.compareTo(other.name);
        return byName != 0 ? byName : labels.toString().compareTo(other.labels.toString());
    }

    /** As Prometheus writes it: {@code name{a="1",b="2"}}. */
    @Override
    public String toString() {
        if (labels.isEmpty()) {
            return name;
        }
        StringBuilder text = new StringBuilder(name).append('{');
        labels.forEach((label, value) -> {
            if (text.charAt(text.length() - 1) != '{') {
                text.append(',');
            }
            text.append(label)
                    .append("=\"")
                    .append(PrometheusText.escape(value))
                    .append('"');
        });
        return text.append('}').toString();
    }
}
