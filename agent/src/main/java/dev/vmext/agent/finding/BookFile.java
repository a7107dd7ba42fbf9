package dev.vmext.agent.finding;

import dev.vmext.agent.config.Places;
import dev.vmext.protocol.finding.FindingItem;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The book's file, {@code book.log}: one line per change, {@code <crc32 of the rest> <kind> <text>}. Kinds: {@code book}, always first,
 * with version, epoch and the last number given; {@code add} with an entry; {@code again} with a number and a time; {@code ack} and
 * {@code drop} with numbers; {@code took} with an extension and the events files whose findings are in the lines before it;
 * {@code times} with a number, how often and when last. {@code begin} says how many lines belong together: those of one writing are
 * forced to the disk at once and count only when all of them are there. A line that is damaged is passed over. From time to time the file is written anew
 * with what is left. Guarded by the book.
 */
final class BookFile {
    /** Raised when an older agent could not go on rightly with what this one writes. */
    static final int VERSION = 1;

    private static final int COMPACT_ABOVE = 256 * 1024;
    private static final int PIECE = 64 * 1024;
    /** Of every {@code begin}, so that places are known before it is written. */
    private static final int BEGIN_LENGTH = begin(0).length;

    private static final System.Logger LOG = System.getLogger(BookFile.class.getName());

    private final Path folder;
    private final Path path;
    private final Map<String, Set<String>> took = new HashMap<>();
    private @Nullable FileChannel opened;
    private long size;

    BookFile(Path folder) {
        this.folder = folder;
        this.path = folder.resolve("book.log");
    }

    /** What was in it. */
    record Content(String epoch, long last, List<Pending> pending) {}

    Content open(Supplier<String> marks) throws IOException {
        Places.makePrivate(folder);
        Files.deleteIfExists(folder.resolve("book.log.new"));
        Reading reading = new Reading();
        if (Files.exists(path)) {
            opened = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            reading.all(channel());
        }
        String epoch = reading.epoch.isEmpty() ? marks.get() : reading.epoch;
        Content content = new Content(epoch, reading.last, List.copyOf(reading.pending.values()));
        // Not always: a full disk must not keep an agent from starting.
        if (reading.epoch.isEmpty()) {
            rewrite(epoch, reading.last, content.pending());
        } else {
            size = reading.end;
            channel().truncate(size);
        }
        return content;
    }

    /** The events files of this extension that were taken last. */
    Set<String> took(String extension) {
        return took.getOrDefault(extension, Set.of());
    }

    /** Collects lines; nothing is on the disk before {@link Writing#done}. */
    Writing write() {
        return new Writing();
    }

    FindingItem read(Pending one) throws IOException {
        String line = new String(bytesAt(one.offset(), one.length()), StandardCharsets.UTF_8);
        FindingItem item = FindingItem.decode(line.split(" ", 3)[2].strip().getBytes(StandardCharsets.UTF_8));
        FindingReport report = item.report();
        Instant again = one.at();
        if (again == null) {
            return item;
        }
        return new FindingItem(
                item.number(),
                item.mark(),
                new FindingReport(
                        report.installation(),
                        report.extension(),
                        report.type(),
                        report.subject(),
                        report.severity(),
                        report.resolved(),
                        report.title(),
                        report.evidence(),
                        again.isAfter(report.at()) ? again : report.at(),
                        report.age()),
                one.times(),
                item.first());
    }

    private byte[] bytesAt(long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel().read(buffer, offset + buffer.position()) < 0) {
                throw new IOException("the book of findings ends before one of its entries");
            }
        }
        return buffer.array();
    }

    void compactIfWorth(String epoch, long last, Collection<Pending> pending, long live) throws IOException {
        if (size > COMPACT_ABOVE + 2 * live) {
            rewrite(epoch, last, pending);
        }
    }

    /** Writes what is left beside the old file, to the disk, and lets it take its name: there is always a whole one. */
    void rewrite(String epoch, long last, Collection<Pending> pending) throws IOException {
        Path next = folder.resolve("book.log.new");
        FileChannel out = FileChannel.open(
                next,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Map<Pending, Long> offsets = new HashMap<>();
        long at;
        try {
            at = put(out, 0, line("book", VERSION + " " + epoch + " " + last));
            for (Map.Entry<String, Set<String>> one : took.entrySet()) {
                at = put(out, at, line("took", one.getKey() + " " + String.join(" ", one.getValue())));
            }
            for (Pending one : pending) {
                offsets.put(one, at);
                at = put(out, at, bytesAt(one.offset(), one.length()));
                Instant again = one.at();
                if (again != null) {
                    at = put(out, at, line("times", one.number() + " " + one.times() + " " + again));
                }
            }
            out.force(true);
            Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            out.close();
            throw e;
        }
        close();
        opened = out;
        size = at;
        offsets.forEach(Pending::movedTo);
    }

    private static long put(FileChannel out, long at, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            out.write(buffer, at + buffer.position());
        }
        return at + bytes.length;
    }

    private FileChannel channel() {
        FileChannel open = opened;
        if (open == null) {
            throw new IllegalStateException("the book of findings is not open");
        }
        return open;
    }

    void close() throws IOException {
        FileChannel open = opened;
        if (open != null) {
            open.close();
        }
    }

    private static byte[] begin(int lines) {
        return line("begin", String.valueOf(100_000 + lines));
    }

    private static byte[] line(String kind, String text) {
        String rest = kind + " " + text;
        return (sum(rest) + " " + rest + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String sum(String text) {
        CRC32 sum = new CRC32();
        sum.update(text.getBytes(StandardCharsets.UTF_8));
        String digits = Long.toHexString(sum.getValue());
        return "00000000".substring(digits.length()) + digits;
    }

    /** Lines that reach the disk together. */
    final class Writing {
        private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
        private final Map<String, Set<String>> nowTaken = new HashMap<>();
        private int count;

        private void put(byte[] line) {
            lines.writeBytes(line);
            count++;
        }

        Pending add(FindingItem item, Sum key, Sum content) {
            byte[] line = line("add", new String(item.encode(), StandardCharsets.UTF_8));
            Pending entry = new Pending(
                    item.number(),
                    item.report().installation(),
                    item.report().type().equals(FindingBook.LOST),
                    key,
                    content,
                    size + BEGIN_LENGTH + lines.size(),
                    line.length,
                    item.times());
            put(line);
            return entry;
        }

        void again(long number, Instant at) {
            put(line("again", number + " " + at));
        }

        void took(String extension, List<String> files) {
            put(line("took", extension + " " + String.join(" ", files)));
            nowTaken.put(extension, Set.copyOf(files));
        }

        void acknowledged(long number) {
            put(line("ack", String.valueOf(number)));
        }

        void drop(List<Long> numbers) {
            put(line(
                    "drop",
                    String.join(" ", numbers.stream().map(String::valueOf).toList())));
        }

        /** A write that failed leaves nothing behind. */
        void done() throws IOException {
            try {
                long end = BookFile.put(channel(), BookFile.put(channel(), size, begin(count)), lines.toByteArray());
                channel().force(false);
                size = end;
            } catch (IOException e) {
                channel().truncate(size);
                throw e;
            }
            took.putAll(nowTaken);
        }
    }

    /** The file from its beginning, in pieces: it may be as large as half the agent's memory. */
    private final class Reading {
        private final Map<Long, Pending> pending = new TreeMap<>();
        private String epoch = "";
        private long last;
        /** Of the last whole line, or group of lines. */
        private long end;
        /** Of a group that is not whole yet: what it says is held back. */
        private final List<Runnable> group = new ArrayList<>();

        private int missing;

        void all(FileChannel channel) throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            long begin = 0;
            long at = 0;
            while (channel.read(piece, at) > 0) {
                piece.flip();
                int from = 0;
                for (int i = 0; i < piece.limit(); i++) {
                    if (piece.get(i) == '\n') {
                        line.write(piece.array(), from, i + 1 - from);
                        take(line.toString(StandardCharsets.UTF_8), begin, line.size());
                        line.reset();
                        from = i + 1;
                        begin = at + from;
                        end = missing == 0 ? begin : end;
                    }
                }
                line.write(piece.array(), from, piece.limit() - from);
                at += piece.limit();
                piece.clear();
            }
            if (line.size() > 0 || missing > 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The end of {0} was being written when the machine went down",
                        path);
            }
        }

        private void take(String whole, long offset, int length) {
            String[] parts = whole.stripTrailing().split(" ", 3);
            boolean damaged = parts.length != 3 || !parts[0].equals(sum(parts[1] + " " + parts[2]));
            if (!damaged && parts[1].equals("begin")) {
                group.clear();
                missing = Integer.parseInt(parts[2]) - 100_000;
                return;
            }
            Runnable line = () -> apply(damaged, parts, offset, length);
            if (missing == 0) {
                line.run();
                return;
            }
            group.add(line);
            missing--;
            if (missing == 0) {
                group.forEach(Runnable::run);
                group.clear();
            }
        }

        private void apply(boolean damaged, String[] parts, long offset, int length) {
            if (damaged) {
                LOG.log(System.Logger.Level.WARNING, "A line of {0} is damaged, dropping it", path);
                return;
            }
            try {
                apply(parts[1], parts[2], offset, length);
            } catch (NumberFormatException | DateTimeParseException | ArrayIndexOutOfBoundsException e) {
                throw tooNew("a line of the kind " + parts[1] + " is not as it should be");
            }
        }

        private void apply(String kind, String text, long offset, int length) {
            String[] words = text.split(" ", -1);
            switch (kind) {
                case "book" -> {
                    if (Integer.parseInt(words[0]) > VERSION) {
                        throw tooNew("it has format " + words[0] + ", this agent knows up to " + VERSION);
                    }
                    epoch = words[1];
                    last = Math.max(last, Long.parseLong(words[2]));
                }
                case "add" -> {
                    FindingItem item = FindingItem.decode(text.getBytes(StandardCharsets.UTF_8));
                    FindingReport report = item.report();
                    last = Math.max(last, item.number());
                    pending.put(
                            item.number(),
                            new Pending(
                                    item.number(),
                                    report.installation(),
                                    report.type().equals(FindingBook.LOST),
                                    Sum.of(report.key()),
                                    Sum.ofContent(report),
                                    offset,
                                    length,
                                    item.times()));
                }
                case "again" -> again(Long.parseLong(words[0]), 1, Instant.parse(words[1]));
                case "times" -> {
                    Pending one = pending.get(Long.parseLong(words[0]));
                    again(
                            Long.parseLong(words[0]),
                            Long.parseLong(words[1]) - (one == null ? 0 : one.times()),
                            Instant.parse(words[2]));
                }
                case "ack" -> {
                    long number = Long.parseLong(text);
                    pending.keySet().removeIf(one -> one <= number);
                }
                case "drop" -> {
                    for (String word : words) {
                        pending.remove(Long.parseLong(word));
                    }
                }
                case "took" ->
                    took.put(words[0], new HashSet<>(new ArrayList<>(List.of(words)).subList(1, words.length)));
                default -> throw tooNew("it has a line of the unknown kind " + kind);
            }
        }

        private void again(long number, long times, Instant at) {
            Pending one = pending.get(number);
            if (one != null) {
                one.again(at, times);
            }
        }

        private ProblemException tooNew(String why) {
            return new ProblemException(
                    ProblemCode.DATA_TOO_NEW,
                    "cannot open the book of findings " + path + ": " + why,
                    "install the agent version that wrote it");
        }
    }
}
