package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.PrometheusText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes newest samples as Prometheus reads them: its text format 0.0.4, each with its time. */
public final class Exposition {
    public static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private Exposition() {}

    /** A series that is in the list twice is written once. */
    public static void write(List<MetricQueries.Latest> samples, OutputStream out) throws IOException {
        // The samples of a metric must stand together.
        SortedMap<String, Set<MetricQueries.Latest>> metrics = new TreeMap<>();
        for (MetricQueries.Latest sample : samples) {
            metrics.computeIfAbsent(sample.series().name(), none -> new LinkedHashSet<>())
                    .add(sample);
        }
        for (var metric : metrics.entrySet()) {
            StringBuilder text = new StringBuilder();
            List<MetricQueries.Latest> same = new ArrayList<>(metric.getValue());
            boolean counter = same.stream().allMatch(sample -> sample.kind() == MetricKind.COUNTER);
            boolean gauge = same.stream().noneMatch(sample -> sample.kind() == MetricKind.COUNTER);
            text.append("# TYPE ")
                    .append(metric.getKey())
                    .append(counter ? " counter\n" : gauge ? " gauge\n" : " untyped\n");
            for (MetricQueries.Latest sample : same) {
                text.append(sample.series())
                        .append(' ')
                        .append(PrometheusText.number(sample.value()))
                        .append(' ')
                        .append(sample.timeMillis())
                        .append('\n');
            }
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}
