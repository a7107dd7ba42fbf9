package dev.vmext.server.metrics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How the values of several series at one step become one. */
public enum Combine {
    SUM,
    AVG,
    MIN,
    MAX,
    COUNT,
    /** Interpolated between the two nearest values, as Prometheus's {@code quantile} does. */
    QUANTILE;

    /** As the API writes it. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Combine> find(String wire) {
        return Arrays.stream(values()).filter(one -> one.wire().equals(wire)).findFirst();
    }

    /**
     * One number of many.
     *
     * @param values none of them {@code NaN}; sorted by this call
     * @param quantile 0 to 1; matters for a quantile only
     * @return NaN for no value
     */
    double of(double[] values, double quantile) {
        if (values.length == 0) {
            return Double.NaN;
        }
        return switch (this) {
            case SUM -> Arrays.stream(values).sum();
            case AVG -> Arrays.stream(values).sum() / values.length;
            case MIN -> Arrays.stream(values).min().orElseThrow();
            case MAX -> Arrays.stream(values).max().orElseThrow();
            case COUNT -> values.length;
            case QUANTILE -> {
                Arrays.sort(values);
                double rank = quantile * (values.length - 1);
                int below = (int) Math.floor(rank);
                int above = Math.min(below + 1, values.length - 1);
                double weight = rank - below;
                yield below == above ? values[below] : values[below] * (1 - weight) + values[above] * weight;
            }
        };
    }
}
