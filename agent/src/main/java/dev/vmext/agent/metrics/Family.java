package dev.vmext.agent.metrics;

import dev.vmext.protocol.metrics.MetricKind;
import java.util.Locale;

/** The metric that a {@code # TYPE} line announced; the samples after it belong to it by their names. Immutable. */
record Family(String name, Type type) {
    static final Family NONE = new Family("", Type.UNKNOWN);

    enum Type {
        COUNTER,
        GAUGE,
        HISTOGRAM,
        GAUGEHISTOGRAM,
        SUMMARY,
        UNKNOWN
    }

    /** Types that say nothing about how values relate (untyped, unknown, info, stateset) are one. */
    static Type type(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "counter" -> Type.COUNTER;
            case "gauge" -> Type.GAUGE;
            case "histogram" -> Type.HISTOGRAM;
            case "gaugehistogram" -> Type.GAUGEHISTOGRAM;
            case "summary" -> Type.SUMMARY;
            default -> Type.UNKNOWN;
        };
    }

    /** How the values of a sample with this name relate. */
    MetricKind kindOf(String sample) {
        boolean counts = switch (type) {
            case COUNTER -> is(sample, "") || is(sample, "_total");
            case HISTOGRAM -> is(sample, "_bucket") || is(sample, "_count") || is(sample, "_sum");
            case SUMMARY -> is(sample, "_count") || is(sample, "_sum");
            case GAUGE, GAUGEHISTOGRAM, UNKNOWN -> false;
        };
        return counts ? MetricKind.COUNTER : MetricKind.GAUGE;
    }

    /** The label whose value is a number, so that two spellings of it are one series; empty for none. */
    String boundLabel(String sample) {
        return switch (type) {
            case HISTOGRAM, GAUGEHISTOGRAM -> is(sample, "_bucket") ? "le" : "";
            case SUMMARY -> is(sample, "") ? "quantile" : "";
            case COUNTER, GAUGE, UNKNOWN -> "";
        };
    }

    private boolean is(String sample, String ending) {
        return sample.length() == name.length() + ending.length() && sample.startsWith(name) && sample.endsWith(ending);
    }
}
