package dev.vmext.bench.metrics;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What machines might measure, every minute a scrape with a few milliseconds of jitter: of each six series a counter of events, a
 * counter of seconds, a gauge that moves in pages, one that stands still, a counter that rarely moves, and one of noise with four
 * digits. The same for everybody who reads it. One thread.
 */
final class Workload {
    private static final long MINUTE = 60_000;
    private final int series;
    private final long start;
    private final SplittableRandom random;
    private final double[] values;
    private final int machine;
    private int round;

    Workload(int machine, int series, long start) {
        this.machine = machine;
        this.series = series;
        this.start = start;
        this.random = new SplittableRandom(machine);
        this.values = new double[series];
    }

    static SeriesKey key(int series) {
        return SeriesKey.of(
                "bench_" + series + (counter(series) ? "_total" : ""),
                Map.of("installation", "metrics", "source", "node"));
    }

    static boolean counter(int series) {
        return series % 6 == 0 || series % 6 == 1 || series % 6 == 4;
    }

    String machine() {
        return "machine-" + machine;
    }

    /** The samples of the next scrapes, in the order of time. */
    List<Sample> next(int scrapes) {
        List<Sample> samples = new ArrayList<>(scrapes * series);
        for (int i = 0; i < scrapes; i++) {
            long time = start + round++ * MINUTE + machine * 7919L % MINUTE + random.nextInt(4);
            for (int one = 0; one < series; one++) {
                step(one);
                samples.add(
                        new Sample(key(one), counter(one) ? MetricKind.COUNTER : MetricKind.GAUGE, time, values[one]));
            }
        }
        return samples;
    }

    private void step(int one) {
        switch (one % 6) {
            case 0 -> values[one] += random.nextInt(1000);
            case 1 -> values[one] = Math.rint(values[one] * 100 + random.nextInt(6000)) / 100;
            case 2 -> values[one] = random.nextInt(10) == 0 ? 4096.0 * random.nextInt(1_000_000) : values[one];
            case 3 -> values[one] = 1;
            case 4 -> values[one] += random.nextInt(200) == 0 ? 1 : 0;
            default -> values[one] = random.nextInt(10_000) / 10_000.0;
        }
    }
}
