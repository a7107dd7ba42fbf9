package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.SeriesKey;
import java.util.Arrays;

/** The samples of one series as they came. The arrays belong to whoever gets it; {@code NaN} says that the series ended there. */
public final class SeriesSamples implements SampleSink {
    private final String machine;
    private final SeriesKey series;
    private final MetricKind kind;
    private long[] times = new long[16];
    private double[] values = new double[16];
    private int size;

    /** @param machine its id */
    public SeriesSamples(String machine, SeriesKey series, MetricKind kind) {
        this.machine = machine;
        this.series = series;
        this.kind = kind;
    }

    @Override
    public void sample(long timeMillis, double value) {
        if (size == times.length) {
            times = Arrays.copyOf(times, size * 2);
            values = Arrays.copyOf(values, size * 2);
        }
        times[size] = timeMillis;
        values[size++] = value;
    }

    /** Single samples were asked for: a span has none. */
    @Override
    public void span(Span span) {}

    public String machine() {
        return machine;
    }

    public SeriesKey series() {
        return series;
    }

    public MetricKind kind() {
        return kind;
    }

    public int size() {
        return size;
    }

    public long time(int i) {
        return times[i];
    }

    public double value(int i) {
        return values[i];
    }
}
