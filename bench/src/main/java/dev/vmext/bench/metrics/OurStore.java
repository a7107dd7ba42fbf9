package dev.vmext.bench.metrics;

import dev.vmext.protocol.metrics.MetricBatch;
import dev.vmext.protocol.metrics.OtlpMetrics;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.server.metrics.Fold;
import dev.vmext.server.metrics.MetricIntake;
import dev.vmext.server.metrics.MetricRate;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.metrics.Refusals;
import dev.vmext.server.metrics.SeriesSelector;
import dev.vmext.server.metrics.Window;
import dev.vmext.server.metrics.engine.SqliteMetricStore;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** The control plane's store behind its intake: OTLP in, synced to the disk before it is taken. In this process. */
final class OurStore implements Target {
    private final Path data;
    private final SqliteMetricStore store;
    private final MetricIntake intake;
    private final long end;

    /** @param end when the last sample is; the clock stands there */
    OurStore(Path data, long end) {
        this.data = data;
        this.end = end;
        InstantSource clock = () -> Instant.ofEpochMilli(end);
        MetricRetention retention = new MetricRetention(
                MetricRetention.DEFAULTS.samples().plusDays(2),
                MetricRetention.DEFAULTS.fiveMinutes(),
                MetricRetention.DEFAULTS.hours(),
                MetricRetention.DEFAULTS.seriesPerMachine());
        this.store = SqliteMetricStore.open(data, retention, clock);
        this.intake = new MetricIntake(
                store, new MetricRate(clock, Integer.MAX_VALUE, Integer.MAX_VALUE), retention, new Refusals(), clock);
    }

    @Override
    public String name() {
        return "vmext";
    }

    @Override
    public void send(String machine, List<Sample> samples) {
        MetricIntake.Outcome outcome =
                intake.take(machine, machine, OtlpMetrics.encode(new MetricBatch("bench", 1, samples)));
        if (!(outcome instanceof MetricIntake.Outcome.Taken)) {
            throw new IllegalStateException("samples were not taken");
        }
    }

    /** While samples come in, too, as the control plane does it every minute. */
    void maintain() {
        store.maintain(Instant.ofEpochMilli(end));
    }

    @Override
    public void settle() {
        store.maintain(Instant.ofEpochMilli(end).plusSeconds(86_400));
    }

    @Override
    public int mean(String machine, int series, long from, long to, long step) {
        int[] found = {0};
        store.range(
                List.of(machine),
                SeriesSelector.named(Workload.key(series).name()),
                Window.of(from, to, step),
                Fold.AVG,
                one -> {
                    for (double value : one.values()) {
                        found[0] += Double.isNaN(value) ? 0 : 1;
                    }
                });
        return found[0];
    }

    @Override
    public long resident() throws Exception {
        return ProcessMemory.residentMebibytes(ProcessHandle.current().pid());
    }

    @Override
    public Path data() {
        return data;
    }

    @Override
    public void close() {
        store.close();
    }
}
