package dev.vmext.server.metrics.engine;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.server.metrics.Appended;
import dev.vmext.server.metrics.MetricRetention;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A process of its own that stores samples until it is killed, and writes a line for each batch that was acknowledged. Every batch is
 * sent twice. While it stores it packs, too.
 */
final class KilledWriter {
    static final int MACHINES = 5;
    static final int SERIES = 4;
    /** Samples of a series in one batch; four batches fill two hours. */
    static final int TOGETHER = 30;

    /** How long ago the first sample was: everything can be packed, and nothing is too old. */
    private static final Duration AGE = Duration.ofDays(29);

    private KilledWriter() {}

    static SeriesKey series(int number) {
        return SeriesKey.of("killed_total", Map.of("n", Integer.toString(number)));
    }

    static long time(long start, int sample) {
        return start + sample * 60_000L;
    }

    /**
     * Writes until it is killed.
     *
     * @param arguments the folder, when the first sample was, and the number of the first batch
     */
    public static void main(String[] arguments) {
        long start = Long.parseLong(arguments[1]);
        SqliteMetricStore store = SqliteMetricStore.open(
                Path.of(arguments[0]),
                MetricRetention.DEFAULTS,
                () -> Instant.ofEpochMilli(start).plus(AGE));
        Thread.ofVirtual().start(() -> {
            while (true) {
                store.maintain(Instant.ofEpochMilli(start).plus(AGE));
            }
        });
        for (int batch = Integer.parseInt(arguments[2]); true; batch++) {
            List<CompletableFuture<Appended>> sent = new ArrayList<>();
            for (int machine = 0; machine < MACHINES; machine++) {
                List<Sample> samples = new ArrayList<>();
                for (int i = 0; i < TOGETHER; i++) {
                    for (int series = 0; series < SERIES; series++) {
                        int sample = batch * TOGETHER + i;
                        samples.add(new Sample(
                                series(series), MetricKind.COUNTER, time(start, sample), sample * 7.0 + series));
                    }
                }
                sent.add(store.append("machine-" + machine, samples));
                sent.add(store.append("machine-" + machine, samples));
            }
            sent.forEach(CompletableFuture::join);
            System.out.println("acknowledged " + batch);
        }
    }
}
