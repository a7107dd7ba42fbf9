package dev.vmext.agent.metrics;

import dev.vmext.agent.config.Places;
import dev.vmext.protocol.metrics.MetricBatch;
import dev.vmext.protocol.metrics.OtlpMetrics;
import dev.vmext.protocol.metrics.Sample;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Batches that wait on the disk until the gateway has them, oldest first. One file each, named
 * {@code <epoch>-<number>-<samples>.gz} and written under another name first, so that a kill leaves whole files only; what a power cut
 * tore is found by its checksum and counted as lost. Bounded: the oldest go first, and are counted. Any thread.
 */
final class BatchFolder {
    /** More samples than this become several batches. */
    static final int MAX_SAMPLES = 2000;

    private static final System.Logger LOG = System.getLogger(BatchFolder.class.getName());
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-([0-9]{12})-([0-9]{1,6})\\.gz");
    private static final String DROPPED = "dropped";
    /** What a file takes on the disk at least. */
    private static final long BLOCK = 4096;

    private final Path folder;
    private final long maxBytes;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private String epoch;
    private long number;
    private long bytes;
    private long dropped;
    private boolean dropping;
    private boolean failing;

    /** A batch that waits. */
    record Pending(String epoch, long number, int samples, long bytes) {
        String fileName() {
            return "%s-%012d-%d.gz".formatted(epoch, number, samples);
        }
    }

    /**
     * Goes on with what an agent before this one left in the folder.
     *
     * @param folder made when the first batch comes
     * @param maxBytes of all files together, counted in blocks of the disk
     * @param random names a new epoch when nothing was left
     */
    BatchFolder(Path folder, long maxBytes, RandomGenerator random) throws IOException {
        this.folder = folder;
        this.maxBytes = maxBytes;
        List<Pending> found = Files.isDirectory(folder) ? found() : List.of();
        pending.addAll(found);
        found.forEach(one -> bytes += one.bytes());
        this.epoch = found.isEmpty()
                ? "%016x".formatted(random.nextLong())
                : found.getLast().epoch();
        this.number = found.isEmpty() ? 0 : found.getLast().number();
        this.dropped = readDropped();
    }

    private List<Pending> found() throws IOException {
        List<Pending> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                Matcher matcher = NAME.matcher(name);
                if (matcher.matches()) {
                    found.add(new Pending(
                            matcher.group(1),
                            Long.parseLong(matcher.group(2)),
                            Integer.parseInt(matcher.group(3)),
                            blocks(Files.size(file))));
                } else if (name.endsWith(".new")) {
                    Files.deleteIfExists(file);
                }
            }
        }
        found.sort(Comparator.comparingLong(Pending::number));
        return found;
    }

    private static long blocks(long size) {
        return Math.max(1, (size + BLOCK - 1) / BLOCK) * BLOCK;
    }

    private long readDropped() throws IOException {
        try {
            String text = Files.readString(folder.resolve(DROPPED), StandardCharsets.US_ASCII)
                    .strip();
            return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
        } catch (NoSuchFileException none) {
            return 0;
        }
    }

    /** Keeps samples until they were sent. What the disk does not take is counted as lost. Never throws. */
    synchronized void add(List<Sample> samples) {
        for (int from = 0; from < samples.size(); from += MAX_SAMPLES) {
            List<Sample> some = samples.subList(from, Math.min(samples.size(), from + MAX_SAMPLES));
            try {
                write(some);
                failing = false;
            } catch (IOException failed) {
                if (!failing) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "Cannot keep metrics in {0}, losing and counting them until that works: {1}",
                            folder,
                            failed);
                }
                failing = true;
                dropped += some.size();
            }
        }
    }

    private void write(List<Sample> samples) throws IOException {
        Places.makePrivate(folder);
        byte[] content = zipped(OtlpMetrics.encode(new MetricBatch(epoch, number + 1, samples)));
        makeRoom(blocks(content.length));
        Pending next = new Pending(epoch, number + 1, samples.size(), blocks(content.length));
        Path fresh = folder.resolve(next.fileName() + ".new");
        try {
            Files.write(fresh, content);
            Files.move(fresh, folder.resolve(next.fileName()), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            Files.deleteIfExists(fresh);
            throw failed;
        }
        number++;
        pending.add(next);
        bytes += next.bytes();
    }

    private void makeRoom(long needed) throws IOException {
        List<Pending> go = new ArrayList<>();
        long free = maxBytes - bytes;
        for (Pending oldest : pending) {
            if (free >= needed) {
                break;
            }
            free += oldest.bytes();
            go.add(oldest);
        }
        if (go.isEmpty()) {
            return;
        }
        if (!dropping) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The buffer for metrics is full ({0} bytes); the oldest are dropped and counted until the gateway takes them",
                    maxBytes);
        }
        dropping = true;
        lost(go);
    }

    private void writeDropped() throws IOException {
        Path fresh = folder.resolve(DROPPED + ".new");
        Files.writeString(fresh, dropped + "\n", StandardCharsets.US_ASCII);
        Files.move(fresh, folder.resolve(DROPPED), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] zipped(byte[] plain) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream(Math.max(512, plain.length / 8));
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(plain);
        }
        return zipped.toByteArray();
    }

    /** Samples that were lost since this machine has a buffer. */
    synchronized long dropped() {
        return dropped;
    }

    synchronized boolean isEmpty() {
        return pending.isEmpty();
    }

    /** What waits longest, at least one batch when there is one, and as many more as fit. */
    synchronized List<Pending> oldest(int atMostSamples) {
        List<Pending> some = new ArrayList<>();
        int samples = 0;
        for (Pending one : pending) {
            samples += one.samples();
            if (!some.isEmpty() && samples > atMostSamples) {
                break;
            }
            some.add(one);
        }
        return some;
    }

    /**
     * The requests of these batches in one, zipped: messages of Protocol Buffers that follow each other are one message. Batches that
     * went or are torn are left out; nothing left is an empty array.
     */
    byte[] request(List<Pending> batches) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream(4096);
        boolean any = false;
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            for (Pending batch : batches) {
                byte[] plain = read(batch);
                any |= plain.length > 0;
                out.write(plain);
            }
        }
        return any ? zipped.toByteArray() : new byte[0];
    }

    private byte[] read(Pending batch) throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(folder.resolve(batch.fileName()));
        } catch (NoSuchFileException gone) {
            forget(batch);
            return new byte[0];
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
            return in.readAllBytes();
        } catch (IOException torn) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "A batch of {0} samples was torn by a power cut, dropping and counting it: {1}",
                    batch.samples(),
                    torn.getMessage());
            lost(List.of(batch));
            return new byte[0];
        }
    }

    private synchronized void forget(Pending batch) {
        if (pending.remove(batch)) {
            bytes -= batch.bytes();
        }
    }

    /** The gateway has them. */
    synchronized void sent(List<Pending> batches) throws IOException {
        dropping = false;
        for (Pending batch : batches) {
            if (pending.remove(batch)) {
                bytes -= batch.bytes();
                Files.deleteIfExists(folder.resolve(batch.fileName()));
            }
        }
    }

    /** Nobody will ever take them. Counted before they go: after a crash in between they are counted twice rather than not at all. */
    synchronized void lost(List<Pending> batches) throws IOException {
        List<Pending> go = batches.stream().filter(pending::contains).toList();
        for (Pending batch : go) {
            dropped += batch.samples();
        }
        writeDropped();
        for (Pending batch : go) {
            forget(batch);
            Files.deleteIfExists(folder.resolve(batch.fileName()));
        }
    }
}
