package dev.vmext.server.metrics.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.server.metrics.Fold;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.metrics.RangeSeries;
import dev.vmext.server.metrics.SeriesSelector;
import dev.vmext.server.metrics.Window;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that stores metrics is killed again and again, wherever it is: nothing acknowledged is lost, nothing is there twice. */
class MetricStoreKillIT {
    private static final int KILLS = 6;
    /** At midnight, so that what the test asks begins with a span. */
    private static final long START = 1_767_225_600_000L;

    @TempDir
    Path folder;

    @Test
    void everyAcknowledgedSampleIsThereOnce() throws Exception {
        Random random = new Random(11);
        int acknowledged = -1;
        for (int kill = 0; kill < KILLS; kill++) {
            // A batch that was not acknowledged is sent again, as an agent does.
            acknowledged = runAndKill(acknowledged + 1, 3 + random.nextInt(12));
            check(acknowledged);
        }
    }

    private int runAndKill(int firstBatch, int batches) throws IOException, InterruptedException {
        Process writer = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx200m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        folder.toString(),
                        Long.toString(START),
                        Integer.toString(firstBatch))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        int last = firstBatch - 1;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            String line = "";
            while (last < firstBatch + batches && line != null) {
                line = out.readLine();
                last = line == null ? last : Integer.parseInt(line.substring("acknowledged ".length()));
            }
            // Through its handle: the process object would close what we still want to read.
            writer.toHandle().destroyForcibly();
            // What it said before it died counts.
            for (line = out.readLine(); line != null; line = out.readLine()) {
                last = Integer.parseInt(line.substring("acknowledged ".length()));
            }
        }
        assertThat(writer.waitFor()).as("killed").isEqualTo(137);
        return last;
    }

    private void check(int acknowledged) {
        int samples = (acknowledged + 1) * KilledWriter.TOGETHER;
        try (SqliteMetricStore store =
                SqliteMetricStore.open(folder, MetricRetention.DEFAULTS, () -> Instant.ofEpochMilli(START))) {
            // An odd step, so that single samples answer and no tier.
            Window window = Window.of(START, KilledWriter.time(START, samples), 60_000);
            for (Fold fold : List.of(Fold.COUNT, Fold.SUM)) {
                List<RangeSeries> all = new ArrayList<>();
                store.range(store.machines(), SeriesSelector.named("killed_total"), window, fold, all::add);
                assertThat(all).hasSize(KilledWriter.MACHINES * KilledWriter.SERIES);
                for (RangeSeries one : all) {
                    int series = Integer.parseInt(one.series().labels().get("n"));
                    for (int i = 0; i < samples; i++) {
                        assertThat(one.values()[i])
                                .as("%s, sample %d of %s", fold, i, one.series())
                                .isEqualTo(fold == Fold.COUNT ? 1 : i * 7.0 + series);
                    }
                }
            }
        }
    }
}
