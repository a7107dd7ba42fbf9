package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.MetricKind;
import java.util.Arrays;

/**
 * Takes the samples, or the spans of a coarser tier, of one series in the order of time and makes one value per step of them. Used by
 * one thread.
 */
public final class StepFold implements SampleSink {
    /** Samples further apart than this do not tell how a counter grew between them. */
    public static final long MAX_GAP_MILLIS = 24 * 3_600_000L;

    private final Window window;
    private final Fold fold;
    private final double[] values;
    /** Samples in a step, or milliseconds that a rate covers. */
    private final double[] weights;

    private boolean any;
    private long lastTime = Long.MIN_VALUE;
    private double lastValue = Double.NaN;

    public StepFold(Window window, Fold wanted, MetricKind kind) {
        this.window = window;
        this.fold = wanted.of(kind);
        this.values = new double[window.steps()];
        this.weights = fold == Fold.AVG || fold == Fold.RATE ? new double[window.steps()] : new double[0];
        Arrays.fill(values, Double.NaN);
    }

    /** The next sample; one from before the window only tells a rate where it starts. NaN ends the series. */
    @Override
    public void sample(long time, double value) {
        int step = window.step(time);
        if (fold == Fold.RATE) {
            if (inside(step) && !Double.isNaN(value) && follows(lastTime, lastValue, time)) {
                grown(step, growth(lastValue, value), (double) (time - lastTime));
            }
        } else if (inside(step) && !Double.isNaN(value)) {
            add(step, value, value, value, value, 1);
        }
        lastTime = time;
        lastValue = value;
    }

    /** The next span of a tier. */
    @Override
    public void span(Span span) {
        int step = window.step(span.start());
        if (inside(step)) {
            if (fold == Fold.RATE) {
                if (span.coveredMillis() > 0) {
                    grown(step, span.growth(), (double) span.coveredMillis());
                }
            } else {
                add(step, span.min(), span.max(), span.sum(), span.last(), span.count());
            }
        }
        lastTime = span.lastTime();
        lastValue = span.last();
    }

    /** Whether a counter's growth can be told from these two samples. */
    static boolean follows(long beforeTime, double before, long time) {
        return !Double.isNaN(before) && time - beforeTime <= MAX_GAP_MILLIS;
    }

    static double growth(double before, double value) {
        return value >= before ? value - before : value;
    }

    private boolean inside(int step) {
        return step >= 0 && step < window.steps();
    }

    private void grown(int step, double growth, double covered) {
        any = true;
        values[step] = Double.isNaN(values[step]) ? growth : values[step] + growth;
        weights[step] += covered;
    }

    private void add(int step, double min, double max, double sum, double last, long count) {
        any = true;
        double old = values[step];
        boolean first = Double.isNaN(old);
        switch (fold) {
            case MIN -> values[step] = first ? min : Math.min(old, min);
            case MAX -> values[step] = first ? max : Math.max(old, max);
            case SUM -> values[step] = first ? sum : old + sum;
            case AVG -> {
                values[step] = first ? sum : old + sum;
                weights[step] += count;
            }
            case COUNT -> values[step] = first ? count : old + count;
            case LAST -> values[step] = last;
            case RATE, AUTO -> throw new IllegalStateException("a rate is made of growth");
        }
    }

    /** Whether there is a value at all. */
    public boolean any() {
        return any;
    }

    /** The values; call once, at the end. */
    public double[] values() {
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                values[i] = fold == Fold.RATE ? values[i] / (weights[i] / 1000) : values[i] / weights[i];
            }
        }
        return values;
    }
}
