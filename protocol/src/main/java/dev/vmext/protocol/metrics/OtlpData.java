package dev.vmext.protocol.metrics;

import dev.vmext.protocol.opamp.KeyValue;
import dev.vmext.protocol.opamp.ProtoReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The points of one OTLP metric, of whichever type, and how they become plain values. Used by one thread. */
final class OtlpData {
    private static final int DELTA = 1;

    private @Nullable Type type;
    private long temporality = OtlpMetrics.CUMULATIVE;
    private boolean monotonic;
    private List<Point> points = new ArrayList<>();

    enum Type {
        GAUGE,
        SUM,
        HISTOGRAM,
        EXPONENTIAL_HISTOGRAM,
        SUMMARY
    }

    /** One point; which fields mean something depends on the type. */
    record Point(
            List<KeyValue> attributes,
            long timeNanos,
            double value,
            long count,
            double sum,
            List<Long> buckets,
            List<Double> bounds,
            List<Quantile> quantiles,
            boolean ended) {}

    record Quantile(double quantile, double value) {}

    /** A value to be stored, with the one label that the type adds, if it adds one. */
    record Value(String name, MetricKind kind, @Nullable String label, String labelValue, double value) {}

    @Nullable Type type() {
        return type;
    }

    boolean delta() {
        return temporality == DELTA && type != Type.GAUGE && type != Type.SUMMARY;
    }

    MetricKind kind() {
        return type == Type.GAUGE || (type == Type.SUM && !monotonic) ? MetricKind.GAUGE : MetricKind.COUNTER;
    }

    List<Point> points() {
        return points;
    }

    /** Reads the data of a metric. It is one of several; the last one counts, as everywhere in Protocol Buffers. */
    void read(ProtoReader in, Type ofType) {
        type = ofType;
        temporality = OtlpMetrics.CUMULATIVE;
        monotonic = false;
        points = new ArrayList<>();
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> points.add(point(in));
                case 2 -> temporality = in.varint();
                case 3 -> monotonic = in.bool();
                default -> in.skip();
            }
        }
        in.leave(outer);
    }

    private Point point(ProtoReader in) {
        return switch (type) {
            case null -> throw new IllegalStateException("a point without a type");
            case GAUGE, SUM -> number(in);
            case HISTOGRAM -> histogram(in);
            case EXPONENTIAL_HISTOGRAM -> exponential(in);
            case SUMMARY -> summary(in);
        };
    }

    private static Point number(ProtoReader in) {
        List<KeyValue> attributes = new ArrayList<>();
        long time = 0;
        long flags = 0;
        double value = Double.NaN;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 3 -> time = in.fixed64();
                case 4 -> value = in.real();
                case 6 -> value = in.fixed64();
                case 7 -> attributes.add(KeyValue.read(in));
                case 8 -> flags = in.varint();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new Point(attributes, time, value, 0, 0, List.of(), List.of(), List.of(), ended(flags));
    }

    private static Point histogram(ProtoReader in) {
        List<KeyValue> attributes = new ArrayList<>();
        List<Long> buckets = new ArrayList<>();
        List<Double> bounds = new ArrayList<>();
        long time = 0;
        long flags = 0;
        long count = 0;
        double sum = Double.NaN;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 3 -> time = in.fixed64();
                case 4 -> count = in.fixed64();
                case 5 -> sum = in.real();
                case 6 -> in.fixed64s(buckets::add);
                case 7 -> in.fixed64s(bits -> bounds.add(Double.longBitsToDouble(bits)));
                case 9 -> attributes.add(KeyValue.read(in));
                case 10 -> flags = in.varint();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new Point(attributes, time, 0, count, sum, buckets, bounds, List.of(), ended(flags));
    }

    /** The bounds of its buckets may change with every point, so they make no lasting series: count and sum only. */
    private static Point exponential(ProtoReader in) {
        List<KeyValue> attributes = new ArrayList<>();
        long time = 0;
        long flags = 0;
        long count = 0;
        double sum = Double.NaN;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> attributes.add(KeyValue.read(in));
                case 3 -> time = in.fixed64();
                case 4 -> count = in.fixed64();
                case 5 -> sum = in.real();
                case 10 -> flags = in.varint();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new Point(attributes, time, 0, count, sum, List.of(), List.of(), List.of(), ended(flags));
    }

    private static Point summary(ProtoReader in) {
        List<KeyValue> attributes = new ArrayList<>();
        List<Quantile> quantiles = new ArrayList<>();
        long time = 0;
        long flags = 0;
        long count = 0;
        double sum = 0;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 3 -> time = in.fixed64();
                case 4 -> count = in.fixed64();
                case 5 -> sum = in.real();
                case 6 -> quantiles.add(quantile(in));
                case 7 -> attributes.add(KeyValue.read(in));
                case 8 -> flags = in.varint();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new Point(attributes, time, 0, count, sum, List.of(), List.of(), quantiles, ended(flags));
    }

    private static Quantile quantile(ProtoReader in) {
        double quantile = 0;
        double value = 0;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> quantile = in.real();
                case 2 -> value = in.real();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new Quantile(quantile, value);
    }

    private static boolean ended(long flags) {
        return (flags & OtlpMetrics.NO_RECORDED_VALUE) != 0;
    }

    /** What Prometheus would store for this point. Throws {@link IllegalArgumentException} when it contradicts itself. */
    List<Value> flatten(String metric, Point point) {
        List<Value> values = new ArrayList<>();
        if (type == Type.GAUGE || type == Type.SUM) {
            values.add(new Value(metric, kind(), null, "", point.ended() ? Double.NaN : point.value()));
            return values;
        }
        double count = point.ended() ? Double.NaN : unsigned(point.count());
        if (type == Type.HISTOGRAM) {
            buckets(metric, point, count, values);
        }
        for (Quantile quantile : point.quantiles()) {
            values.add(new Value(
                    metric,
                    MetricKind.GAUGE,
                    "quantile",
                    PrometheusText.bound(quantile.quantile()),
                    point.ended() ? Double.NaN : quantile.value()));
        }
        values.add(new Value(metric + "_count", MetricKind.COUNTER, null, "", count));
        if (point.ended() || !Double.isNaN(point.sum())) {
            values.add(
                    new Value(metric + "_sum", MetricKind.COUNTER, null, "", point.ended() ? Double.NaN : point.sum()));
        }
        return values;
    }

    private static void buckets(String metric, Point point, double count, List<Value> values) {
        if (!point.buckets().isEmpty()
                && point.buckets().size() != point.bounds().size() + 1) {
            throw new IllegalArgumentException("cannot use a point of " + metric + ": it has "
                    + point.buckets().size() + " buckets and " + point.bounds().size() + " bounds");
        }
        double below = 0;
        for (int i = 0; i < point.bounds().size() && i < point.buckets().size(); i++) {
            below += unsigned(point.buckets().get(i));
            values.add(bucket(metric, point.bounds().get(i), point.ended() ? Double.NaN : below));
        }
        values.add(bucket(metric, Double.POSITIVE_INFINITY, count));
    }

    private static Value bucket(String metric, double bound, double value) {
        return new Value(metric + "_bucket", MetricKind.COUNTER, "le", PrometheusText.bound(bound), value);
    }

    private static double unsigned(long value) {
        return value >= 0 ? value : value + 0x1p64;
    }
}
