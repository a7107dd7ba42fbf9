package dev.vmext.bench;

import java.util.ArrayList;
import java.util.List;

/** Measurements of one thing. What is quoted is the median, with the least and the most beside it, because machines are noisy. */
public final class Series {
    private final List<Double> values = new ArrayList<>();

    public void add(double value) {
        values.add(value);
    }

    public double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    public String text(String unit) {
        double least = values.stream().mapToDouble(v -> v).min().orElseThrow();
        double most = values.stream().mapToDouble(v -> v).max().orElseThrow();
        return String.format("%.0f %s (%.0f to %.0f, n = %d)", median(), unit, least, most, values.size());
    }
}
