package dev.vmext.protocol.metrics;

import dev.vmext.protocol.opamp.AnyValue;
import dev.vmext.protocol.opamp.KeyValue;
import dev.vmext.protocol.opamp.MalformedMessageException;
import dev.vmext.protocol.opamp.ProtoReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one request, on one thread. Fields come in any order: the points of a metric are kept as they are until its
 * end is known, and a resource is looked for before its metrics are read.
 */
final class OtlpReader {
    private final ProtoReader in;
    private final List<Sample> samples = new ArrayList<>();
    private String epoch = "";
    private long number;
    private long rejected;
    private String reason = "";
    private Map<String, String> resourceLabels = Map.of();

    OtlpReader(ProtoReader in) {
        this.in = in;
    }

    OtlpMetrics.Reading read() {
        while (in.next()) {
            if (in.field() == 1) {
                resourceMetrics();
            } else {
                in.skip();
            }
        }
        if (epoch.length() > MetricBatch.MAX_EPOCH || number < 0) {
            throw new MalformedMessageException(
                    "cannot read a batch of metrics: its epoch or its number is out of range");
        }
        return new OtlpMetrics.Reading(new MetricBatch(epoch, epoch.isEmpty() ? 0 : number, samples), rejected, reason);
    }

    private void resourceMetrics() {
        int outer = in.enter();
        resourceLabels = Map.of();
        int start = in.mark();
        while (in.next()) {
            if (in.field() == 1) {
                resource();
            } else {
                in.skip();
            }
        }
        in.reset(start);
        while (in.next()) {
            if (in.field() == 2) {
                scopeMetrics();
            } else {
                in.skip();
            }
        }
        in.leave(outer);
    }

    private void resource() {
        List<KeyValue> attributes = new ArrayList<>();
        int outer = in.enter();
        while (in.next()) {
            if (in.field() == 1) {
                attributes.add(KeyValue.read(in));
            } else {
                in.skip();
            }
        }
        in.leave(outer);
        for (KeyValue attribute : attributes) {
            if (attribute.key().equals(OtlpMetrics.EPOCH) && attribute.value() instanceof AnyValue.Text(String text)) {
                epoch = text;
            } else if (attribute.key().equals(OtlpMetrics.NUMBER)
                    && attribute.value() instanceof AnyValue.Whole(long whole)) {
                number = whole;
            }
        }
        resourceLabels = epoch.isEmpty() ? OtlpNames.resourceLabels(attributes) : Map.of();
    }

    private void scopeMetrics() {
        int outer = in.enter();
        while (in.next()) {
            if (in.field() == 2) {
                metric();
            } else {
                in.skip();
            }
        }
        in.leave(outer);
    }

    private void metric() {
        String name = "";
        String unit = "";
        OtlpData data = new OtlpData();
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.string();
                case 3 -> unit = in.string();
                case 5 -> data.read(in, OtlpData.Type.GAUGE);
                case 7 -> data.read(in, OtlpData.Type.SUM);
                case 9 -> data.read(in, OtlpData.Type.HISTOGRAM);
                case 10 -> data.read(in, OtlpData.Type.EXPONENTIAL_HISTOGRAM);
                case 11 -> data.read(in, OtlpData.Type.SUMMARY);
                default -> in.skip();
            }
        }
        in.leave(outer);
        if (data.type() == null) {
            return;
        }
        if (data.delta()) {
            reject(data.points().size(), "the values of " + name + " are deltas; send them cumulative");
            return;
        }
        String metric = epoch.isEmpty() ? OtlpNames.metric(name, unit, data.kind(), data.type()) : name;
        for (OtlpData.Point point : data.points()) {
            emit(metric, data, point);
        }
    }

    private void emit(String metric, OtlpData data, OtlpData.Point point) {
        Map<String, String> labels = epoch.isEmpty() ? OtlpNames.labels(point.attributes()) : plain(point.attributes());
        if (!resourceLabels.isEmpty()) {
            Map<String, String> both = new LinkedHashMap<>(resourceLabels);
            both.putAll(labels);
            labels = both;
        }
        long time = Long.divideUnsigned(point.timeNanos(), OtlpMetrics.NANOS);
        try {
            List<Sample> made = new ArrayList<>();
            for (OtlpData.Value value : data.flatten(metric, point)) {
                Map<String, String> all = labels;
                if (value.label() != null) {
                    all = new LinkedHashMap<>(labels);
                    all.put(value.label(), value.labelValue());
                }
                made.add(new Sample(SeriesKey.of(value.name(), all), value.kind(), time, value.value()));
            }
            samples.addAll(made);
        } catch (IllegalArgumentException e) {
            reject(1, String.valueOf(e.getMessage()));
        }
    }

    /** What our own agent sent has valid names already and texts only. */
    private static Map<String, String> plain(List<KeyValue> attributes) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (KeyValue attribute : attributes) {
            labels.put(attribute.key(), OtlpNames.text(attribute.value()));
        }
        return labels;
    }

    private void reject(int points, String why) {
        rejected += points;
        if (reason.isEmpty()) {
            reason = why;
        }
    }
}
