package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.MetricKind;
import java.util.ArrayList;
import java.util.List;

/** Makes spans of one length out of the samples of one series, in the order of time. Used by one thread. */
public final class Spans {
    private final long lengthMillis;
    private final boolean counter;
    private final List<Span> done = new ArrayList<>();
    private long start = Long.MIN_VALUE;
    private long lastTime = Long.MIN_VALUE;
    private double last = Double.NaN;
    private long lastValueTime;
    private double lastValue;
    private int count;
    private double min;
    private double max;
    private double sum;
    private double growth;
    private long covered;

    public Spans(long lengthMillis, MetricKind kind) {
        this.lengthMillis = lengthMillis;
        this.counter = kind == MetricKind.COUNTER;
    }

    /** The sample before the first one; it tells from where a counter grew. */
    public void before(long time, double value) {
        lastTime = time;
        last = value;
    }

    public void sample(long time, double value) {
        long span = Math.floorDiv(time, lengthMillis) * lengthMillis;
        if (span != start) {
            finish();
            start = span;
        }
        if (!Double.isNaN(value)) {
            if (counter && StepFold.follows(lastTime, last, time)) {
                growth += StepFold.growth(last, value);
                covered += time - lastTime;
            }
            min = count == 0 ? value : Math.min(min, value);
            max = count == 0 ? value : Math.max(max, value);
            sum += value;
            count++;
            lastValueTime = time;
            lastValue = value;
        }
        lastTime = time;
        last = value;
    }

    private void finish() {
        if (count > 0) {
            done.add(new Span(start, lastValueTime, count, min, max, sum, lastValue, growth, covered));
        }
        count = 0;
        sum = 0;
        growth = 0;
        covered = 0;
    }

    /** All spans that hold a value; call once, at the end. */
    public List<Span> spans() {
        finish();
        return List.copyOf(done);
    }
}
