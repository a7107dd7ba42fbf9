package dev.vmext.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.metrics.MetricBatch;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.OtlpMetrics;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.testkit.disk.Fuse;
import dev.vmext.testkit.disk.MemoryDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchFolderTest {
    @TempDir
    private Path temp;

    private static BatchFolder open(Path folder, long maxBytes) throws IOException {
        return new BatchFolder(folder, maxBytes, new Random(7));
    }

    private static List<Sample> samples(int from, int count) {
        List<Sample> samples = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            samples.add(new Sample(SeriesKey.of("m"), MetricKind.GAUGE, i, i));
        }
        return samples;
    }

    private static List<Long> times(BatchFolder folder) throws IOException {
        List<Long> times = new ArrayList<>();
        byte[] request = folder.request(folder.oldest(Integer.MAX_VALUE));
        if (request.length > 0) {
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(request))) {
                MetricBatch batch = OtlpMetrics.decode(in.readAllBytes(), OtlpMetrics.LIMITS);
                batch.samples().forEach(sample -> times.add(sample.timeMillis()));
            }
        }
        return times;
    }

    @Test
    void nothingIsMadeBeforeSomethingComes() throws IOException {
        Path folder = temp.resolve("metrics");
        assertThat(open(folder, 1 << 20).isEmpty()).isTrue();
        assertThat(folder).doesNotExist();
    }

    @Test
    void batchesAreReadInTheirOrderAndRemovedWhenSent() throws IOException {
        Path folder = temp.resolve("metrics");
        BatchFolder batches = open(folder, 1 << 20);
        batches.add(samples(1, 2));
        batches.add(samples(3, 2));
        batches.add(samples(5, 1));
        assertThat(times(batches)).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(batches.oldest(3)).hasSize(1);
        batches.sent(batches.oldest(4));
        assertThat(times(batches)).containsExactly(5L);
        batches.sent(batches.oldest(4));
        assertThat(batches.isEmpty()).isTrue();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void anAgentGoesOnWhereTheOneBeforeItEnded() throws IOException {
        Path folder = temp.resolve("metrics");
        BatchFolder before = open(folder, 1 << 20);
        before.add(samples(1, 1));
        before.add(samples(2, 1));
        BatchFolder after = new BatchFolder(folder, 1 << 20, new Random(8));
        after.add(samples(3, 1));
        assertThat(times(after)).containsExactly(1L, 2L, 3L);
        assertThat(after.oldest(10)).extracting(BatchFolder.Pending::number).containsExactly(1L, 2L, 3L);
        assertThat(after.oldest(10))
                .extracting(BatchFolder.Pending::epoch)
                .containsOnly(before.oldest(1).getFirst().epoch());
        after.sent(after.oldest(10));
        BatchFolder anew = new BatchFolder(folder, 1 << 20, new Random(9));
        anew.add(samples(4, 1));
        assertThat(anew.oldest(1).getFirst().epoch())
                .isNotEqualTo(before.oldest(1).getFirst().epoch());
        assertThat(anew.oldest(1).getFirst().number()).isEqualTo(1);
    }

    @Test
    void theOldestGoWhenThereIsNoRoomAndAreCounted() throws IOException {
        Path folder = temp.resolve("metrics");
        BatchFolder batches = open(folder, 3 * 4096);
        for (int i = 1; i <= 5; i++) {
            batches.add(samples(i * 10, i));
        }
        assertThat(times(batches)).first().isEqualTo(30L);
        assertThat(batches.oldest(Integer.MAX_VALUE)).hasSize(3);
        assertThat(batches.dropped()).isEqualTo(1 + 2);
        assertThat(open(folder, 3 * 4096).dropped()).isEqualTo(3);
    }

    @Test
    void manySamplesBecomeSeveralBatches() throws IOException {
        BatchFolder batches = open(temp.resolve("metrics"), 1 << 20);
        batches.add(samples(0, BatchFolder.MAX_SAMPLES * 2 + 1));
        assertThat(batches.oldest(Integer.MAX_VALUE)).hasSize(3);
        assertThat(times(batches)).hasSize(BatchFolder.MAX_SAMPLES * 2 + 1).isSorted();
    }

    @Test
    void tornAndStrangeFilesAreToldAndDoNotStopTheRest() throws IOException {
        Path folder = temp.resolve("metrics");
        BatchFolder batches = open(folder, 1 << 20);
        batches.add(samples(1, 2));
        batches.add(samples(3, 3));
        batches.add(samples(6, 1));
        Path torn = folder.resolve(batches.oldest(2).get(0).fileName());
        Files.write(torn, java.util.Arrays.copyOf(Files.readAllBytes(torn), 40));
        Files.write(folder.resolve(batches.oldest(5).get(1).fileName()), new byte[0]);
        Files.write(folder.resolve("strange"), new byte[5]);
        Files.write(folder.resolve("0000000000000000-000000000009-1.gz.new"), new byte[5]);
        BatchFolder after = open(folder, 1 << 20);
        assertThat(times(after)).containsExactly(6L);
        assertThat(after.dropped()).isEqualTo(5);
        assertThat(after.oldest(10)).hasSize(1);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".new")))
                    .isEmpty();
        }
    }

    /** One batch is sent, another comes, the oldest has to go: with a kill or a power cut before each change of the disk. */
    @Test
    void aCrashAtAnyPointLosesNothingThatWasKeptAndRepeatsOnlyWhatWasBeingSent() throws IOException {
        int points = crash(-1, false);
        assertThat(points).isGreaterThan(8);
        for (int point = 0; point < points; point++) {
            crash(point, false);
            crash(point, true);
        }
    }

    private static int crash(int point, boolean power) throws IOException {
        Fuse fuse = new Fuse();
        MemoryDisk disk = new MemoryDisk(fuse, () -> Instant.EPOCH);
        Path folder = disk.root().resolve("metrics");
        BatchFolder before = open(folder, 3 * 4096);
        before.add(samples(1, 1));
        before.add(samples(2, 1));
        before.add(samples(3, 1));
        disk.sync();
        fuse.arm(point, 0.5);
        long kept = 3;
        long sent = 0;
        try {
            before.sent(before.oldest(1));
            sent = 1;
            before.add(samples(4, 1));
            kept = 4;
            before.add(samples(5, 1));
            kept = 5;
        } catch (Fuse.Blown died) {
            assertThat(point).isNotNegative();
        }
        int points = fuse.points().size();
        fuse.replace();
        if (power) {
            disk.losePower();
        }
        BatchFolder after = open(folder, 3 * 4096);
        List<Long> times = times(after);
        assertThat(times).as("point %d", point).isSorted().doesNotHaveDuplicates();
        long gone = after.dropped();
        for (long time = sent + 1; time <= 5; time++) {
            // What was forced, and all that a mere kill leaves; a power cut may take what was not forced, and tells so.
            boolean mustBeThere = time <= (power ? 3 : kept);
            if (mustBeThere && !times.contains(time)) {
                gone--;
            }
        }
        assertThat(gone)
                .as("what is missing after a crash at point %d was counted", point)
                .isNotNegative();
        after.add(samples(9, 1));
        assertThat(times(after)).as("it goes on").contains(9L);
        return points;
    }
}
