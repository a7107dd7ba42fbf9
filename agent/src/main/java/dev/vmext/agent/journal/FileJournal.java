package dev.vmext.agent.journal;

import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The journal in one folder, owned by the agent's loop.
 *
 * <p>{@code journal.log} is appended to, one line per change: {@code <crc32 of the rest> <kind> <text>}. Kinds: {@code version}, always
 * first; {@code put} with a whole entry, {@code remove} with a name. A line whose sum is wrong at the end of the file was being
 * written when the machine went down: it is dropped. Anywhere else the rest of the file is still good, because each line stands for
 * itself; the damaged one is dropped and named. From time to time the file is written anew with one line per entry. {@code goal.bin}
 * is replaced whole.
 *
 * <p>A disk that is full must not end the agent, which is the one who can say so. Some space is kept for that ({@link Reserve}); when
 * that is used up too, whoever writes waits until there is room, and nothing is begun meanwhile.
 */
public final class FileJournal implements Journal {
    /**
     * Raised when an older agent could not go on rightly with what this one writes. A newer agent reads all older formats; an older
     * one refuses a newer one before it does anything.
     *
     * <ul>
     *   <li>1: agents 0.1: target, versions, previous, returning, failure, intent, status.
     *   <li>2: memory (orders, holds, one-shot work, removal under way, trials, restarts), intents that are to stop, step adopt.
     * </ul>
     */
    static final int VERSION = 2;

    private static final long COMPACT_ABOVE = 256 * 1024;
    private static final System.Logger LOG = System.getLogger(FileJournal.class.getName());
    private static final OpampCodec CODEC = new OpampCodec(MessageLimits.STANDARD);

    private final Path folder;
    private final Path log;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private @Nullable GoalOffer goal;
    private FileChannel channel;
    private long compactAt = COMPACT_ABOVE;
    private final @Nullable Reserve reserve;
    private final @Nullable Patience patience;
    /** Where the last whole line of the file that was read ends. */
    private long wholeUntil;

    private int found = VERSION;

    /** What is done while the journal cannot be written: again and again, until it can. */
    public interface Patience {
        /** Makes room if it can, and waits a moment. */
        void pause() throws InterruptedException;
    }

    private interface Write {
        void carryOut() throws IOException;
    }

    /** Opens the journal in this folder, or begins one. It throws when it cannot be written. */
    public FileJournal(Path folder) {
        this(folder, null);
    }

    /** As the other, but with space kept for a full disk, and this patience when that is not enough. */
    public FileJournal(Path folder, @Nullable Patience patience) {
        this.folder = folder;
        this.log = folder.resolve("journal.log");
        this.patience = patience;
        this.reserve = patience == null ? null : new Reserve(folder);
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(folder.resolve("journal.log.new"));
            read();
            goal = readGoal();
            channel = opened();
        } catch (IOException e) {
            throw failed("open", e);
        }
    }

    /** Written anew, else, where there is no room for that, as it is. */
    private FileChannel opened() throws IOException {
        try {
            return compacted();
        } catch (IOException full) {
            if (patience == null || found != VERSION || !Files.exists(log)) {
                throw full;
            }
            LOG.log(System.Logger.Level.WARNING, "Going on with the journal as it is: {0}", full.toString());
            FileChannel out = FileChannel.open(log, StandardOpenOption.WRITE);
            return out.truncate(wholeUntil).position(wholeUntil);
        }
    }

    @Override
    public Map<String, Entry> entries() {
        return Map.copyOf(entries);
    }

    @Override
    public void put(Entry entry) {
        entries.put(entry.name(), entry);
        append(line("put", EntryCodec.encode(entry)));
    }

    @Override
    public void remove(String name) {
        if (entries.remove(name) != null) {
            append(line("remove", name.getBytes(StandardCharsets.UTF_8)));
        }
    }

    @Override
    public Optional<GoalOffer> goal() {
        return Optional.ofNullable(goal);
    }

    @Override
    public void goal(GoalOffer offer) {
        byte[] message = CODEC.encode(ServerToAgent.builder(Bytes.EMPTY)
                .remoteConfig(offer.remoteConfig())
                .packagesAvailable(offer.packagesAvailable())
                .build());
        ByteBuffer content = ByteBuffer.allocate(Long.BYTES + message.length)
                .putLong(sum(message))
                .put(message)
                .flip();
        written(() -> replace("goal.bin", content.duplicate()).close());
        goal = offer;
    }

    private @Nullable GoalOffer readGoal() throws IOException {
        Path file = folder.resolve("goal.bin");
        if (!Files.exists(file)) {
            return null;
        }
        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
        if (content.remaining() < Long.BYTES) {
            return null;
        }
        long sum = content.getLong();
        byte[] message = new byte[content.remaining()];
        content.get(message);
        if (sum != sum(message)) {
            LOG.log(System.Logger.Level.WARNING, "The stored goal is damaged, waiting for the control plane's");
            return null;
        }
        ServerToAgent decoded = CODEC.decodeServerToAgent(message);
        var config = decoded.remoteConfig();
        var packages = decoded.packagesAvailable();
        return config == null || packages == null ? null : new GoalOffer(config, packages);
    }

    private void read() throws IOException {
        if (!Files.exists(log)) {
            return;
        }
        byte[] bytes = Files.readAllBytes(log);
        int from = 0;
        int number = 0;
        while (from < bytes.length) {
            int to = from;
            while (to < bytes.length && bytes[to] != '\n') {
                to++;
            }
            number++;
            boolean whole = to < bytes.length;
            if (!whole || !apply(new String(bytes, from, to - from, StandardCharsets.UTF_8), number)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Line {0} of {1} is damaged, dropping it{2}",
                        number,
                        log,
                        to + 1 >= bytes.length ? " (it was being written when the machine went down)" : "");
            }
            if (whole) {
                wholeUntil = to + 1L;
            }
            from = to + 1;
        }
    }

    /** Whether the line was whole. */
    private boolean apply(String line, int number) {
        String[] parts = line.split(" ", 3);
        if (parts.length != 3 || !parts[0].equals(hex(sum(parts[1] + " " + parts[2])))) {
            return false;
        }
        switch (parts[1]) {
            case "version" -> refuseNewer(parts[2]);
            case "put" -> {
                Entry entry = EntryCodec.decode(parts[2].getBytes(StandardCharsets.UTF_8));
                entries.put(entry.name(), entry);
            }
            case "remove" -> entries.remove(parts[2]);
            default ->
                throw new ProblemException(
                        ProblemCode.DATA_TOO_NEW,
                        "cannot open the journal " + log + ": line " + number + " is of the unknown kind " + parts[1],
                        "install the agent version that wrote it");
        }
        return true;
    }

    private void refuseNewer(String version) {
        int written;
        try {
            written = Integer.parseInt(version);
        } catch (NumberFormatException unknown) {
            written = Integer.MAX_VALUE;
        }
        found = written;
        if (written > VERSION) {
            throw new ProblemException(
                    ProblemCode.DATA_TOO_NEW,
                    "cannot open the journal " + log + ": it has format " + version + ", this agent knows up to "
                            + VERSION,
                    "install the agent version that wrote it; until then nothing is changed on this machine");
        }
    }

    private FileChannel compacted() throws IOException {
        List<byte[]> lines = new ArrayList<>();
        lines.add(line("version", String.valueOf(VERSION).getBytes(StandardCharsets.UTF_8)));
        int size = lines.getFirst().length;
        for (Entry entry : entries.values()) {
            byte[] line = line("put", EntryCodec.encode(entry));
            lines.add(line);
            size += line.length;
        }
        ByteBuffer content = ByteBuffer.allocate(size);
        lines.forEach(content::put);
        compactAt = Math.max(COMPACT_ABOVE, 4L * size);
        FileChannel out = replace("journal.log", content.flip());
        if (reserve != null) {
            reserve.keep();
        }
        return out;
    }

    /** Writes a file beside the old one, to the disk, and lets it take its name: there is always a whole one. */
    private FileChannel replace(String name, ByteBuffer content) throws IOException {
        Path next = folder.resolve(name + ".new");
        FileChannel out = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            writeAll(out, content);
            Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
            return out;
        } catch (IOException e) {
            out.close();
            Files.deleteIfExists(next);
            throw e;
        }
    }

    private void append(byte[] line) {
        written(() -> {
            long end = channel.position();
            try {
                writeAll(channel, ByteBuffer.wrap(line));
            } catch (IOException e) {
                // Half a line would spoil the next one.
                channel.truncate(end).position(end);
                throw e;
            }
        });
        try {
            if (channel.position() > compactAt) {
                FileChannel anew = compacted();
                channel.close();
                channel = anew;
            }
        } catch (IOException e) {
            if (patience == null) {
                throw failed("write", e);
            }
            // What was to be written is written; the file only stays longer than it needs to be.
            LOG.log(System.Logger.Level.WARNING, "Cannot write the journal anew, later: {0}", e.toString());
            compactAt *= 2;
        }
    }

    /** Returns when it is on the disk; first the space that is kept for this goes, then time. */
    private void written(Write write) {
        boolean told = false;
        while (true) {
            try {
                write.carryOut();
                if (told) {
                    LOG.log(System.Logger.Level.WARNING, "The journal in {0} can be written again", folder);
                }
                return;
            } catch (IOException e) {
                if (reserve != null && reserve.giveUp()) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "Cannot write the journal in {0}, using the space that was kept for this: {1}",
                            folder,
                            e.toString());
                    continue;
                }
                if (patience == null) {
                    throw failed("write", e);
                }
                if (!told) {
                    LOG.log(
                            System.Logger.Level.ERROR,
                            "Cannot write the journal in {0}: {1}. Nothing is begun until it can be written: make space",
                            folder,
                            e.toString());
                }
                told = true;
                wait(e);
            }
        }
    }

    private void wait(IOException e) {
        try {
            Objects.requireNonNull(patience).pause();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw failed("write", e);
        }
    }

    private static void writeAll(FileChannel out, ByteBuffer content) throws IOException {
        while (content.hasRemaining()) {
            out.write(content);
        }
        out.force(false);
    }

    private static byte[] line(String kind, byte[] text) {
        String rest = kind + " " + new String(text, StandardCharsets.UTF_8);
        return (hex(sum(rest)) + " " + rest + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static long sum(String text) {
        return sum(text.getBytes(StandardCharsets.UTF_8));
    }

    private static long sum(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return sum.getValue();
    }

    private static String hex(long sum) {
        String digits = Long.toHexString(sum);
        return "00000000".substring(digits.length()) + digits;
    }

    private UncheckedIOException failed(String verb, IOException e) {
        return new UncheckedIOException("cannot " + verb + " the journal in " + folder + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed("close", e);
        }
    }
}
