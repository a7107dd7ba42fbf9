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

    /** Opens the journal in this folder, or begins one. */
    public FileJournal(Path folder) {
        this.folder = folder;
        this.log = folder.resolve("journal.log");
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(folder.resolve("journal.log.new"));
            read();
            goal = readGoal();
            channel = compacted();
        } catch (IOException e) {
            throw failed("open", e);
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
        try {
            replace("goal.bin", content).close();
        } catch (IOException e) {
            throw failed("write", e);
        }
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
        return replace("journal.log", content.flip());
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
            throw e;
        }
    }

    private void append(byte[] line) {
        try {
            writeAll(channel, ByteBuffer.wrap(line));
            if (channel.position() > compactAt) {
                channel.close();
                channel = compacted();
            }
        } catch (IOException e) {
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
