package dev.vmext.agent.finding;

import dev.vmext.protocol.finding.FindingAck;
import dev.vmext.protocol.finding.FindingBatch;
import dev.vmext.protocol.finding.FindingItem;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this machine found and the control plane does not have yet: numbered, on the disk, in order. Any thread.
 *
 * <pre>
 *   append --> forced to the disk --> oldest (a batch) --> acknowledged --> gone
 *                |                       ^      |
 *                |                       +------+  asked again after a lost answer, a restart of either side
 *                +-- said before and not sent yet: that entry counts one more
 *                +-- no room: the oldest of the installation that has the most go, and an entry "findings-lost" says how many
 * </pre>
 *
 * <p>Only places and sums of entries are held in memory; their texts are read when they are sent. What has been offered for sending
 * is not changed any more, because the control plane may have it.
 */
final class FindingBook {
    static final String LOST = "findings-lost";
    static final Duration LOST_AGE = Duration.ofDays(30);

    private final BookFile file;
    private final Bounds bounds;
    private final Supplier<String> marks;
    /** By number, the smallest first. */
    private final TreeMap<Long, Pending> pending = new TreeMap<>();
    /** The newest entry of each finding. */
    private final Map<Sum, Pending> newest = new HashMap<>();
    /** The entry of each installation that tells its losses, as long as it can be changed. */
    private final Map<String, Lost> lost = new HashMap<>();

    private String epoch;
    private long last;
    private long offered;
    private long bytes;

    /** What the book may hold. */
    record Bounds(int entries, long bytes) {
        static final Bounds STANDARD = new Bounds(8000, 4L << 20);
    }

    private record Lost(long number, long count, Instant from) {}

    /**
     * Opens the book in this folder, or begins one.
     *
     * @param marks chance texts, never the same twice
     */
    FindingBook(Path folder, Bounds bounds, Supplier<String> marks) throws IOException {
        this.bounds = bounds;
        this.marks = marks;
        this.file = new BookFile(folder);
        BookFile.Content content = file.open(marks);
        this.epoch = content.epoch();
        this.last = content.last();
        for (Pending one : content.pending()) {
            enter(one);
        }
        // An earlier agent may have sent any of them.
        this.offered = last;
    }

    private void enter(Pending one) {
        pending.put(one.number(), one);
        newest.put(one.key(), one);
        bytes += one.length();
    }

    /** Whether the findings of this events file are in the book although the file is still there. */
    synchronized boolean taken(String extension, String name) {
        return file.took(extension).contains(name);
    }

    /**
     * Enters these, in this order. When it returns they survive a power cut.
     *
     * @param extension whose events files they come from, with {@code files}; null when they come from elsewhere
     */
    synchronized void append(List<FindingReport> reports, @Nullable String extension, List<String> files)
            throws IOException {
        BookFile.Writing writing = file.write();
        List<Pending> added = new ArrayList<>();
        Map<Sum, Pending> fresh = new HashMap<>();
        List<Runnable> counted = new ArrayList<>();
        long next = last;
        for (FindingReport report : reports) {
            Sum key = Sum.of(report.key());
            Sum content = Sum.ofContent(report);
            Pending before = fresh.getOrDefault(key, newest.get(key));
            if (before != null && before.number() > offered && before.content().equals(content)) {
                writing.again(before.number(), report.at());
                counted.add(() -> before.again(report.at(), 1));
            } else {
                next++;
                Pending entry = writing.add(new FindingItem(next, marks.get(), report, 1, report.at()), key, content);
                added.add(entry);
                fresh.put(key, entry);
            }
        }
        if (extension != null && !files.isEmpty()) {
            writing.took(extension, files);
        }
        writing.done();
        last = next;
        added.forEach(this::enter);
        counted.forEach(Runnable::run);
        makeRoom();
        file.compactIfWorth(epoch, last, pending.values(), bytes);
    }

    private void makeRoom() throws IOException {
        while (pending.size() > bounds.entries() || bytes > bounds.bytes()) {
            Map<String, Long> sizes = new HashMap<>();
            pending.values().forEach(one -> sizes.merge(one.installation(), (long) one.length(), Long::sum));
            String largest = "";
            for (Map.Entry<String, Long> size : sizes.entrySet()) {
                largest = size.getValue() > sizes.getOrDefault(largest, 0L) ? size.getKey() : largest;
            }
            dropOldestOf(largest);
        }
    }

    /** A sixteenth of all there is room for at once: looking for what to drop costs time. */
    private void dropOldestOf(String installation) throws IOException {
        List<Pending> dropped = new ArrayList<>();
        Lost before = lost.get(installation);
        boolean changes = before != null && before.number() > offered && pending.containsKey(before.number());
        long free = 0;
        long count = 0;
        for (Pending one : pending.values()) {
            if (dropped.size() >= Math.max(1, bounds.entries() / 16) || free >= Math.max(1, bounds.bytes() / 16)) {
                break;
            }
            if (one.installation().equals(installation) && !one.tellsLoss()) {
                dropped.add(one);
                free += one.length();
                count += one.times();
            }
        }
        if (dropped.isEmpty()) {
            throw new IOException("the book of findings is full of losses");
        }
        FindingItem first = file.read(dropped.getFirst());
        Instant from = changes && before != null ? before.from() : first.first();
        long sum = count + (changes && before != null ? before.count() : 0);
        FindingReport report = FindingReport.fitting(
                installation,
                first.report().extension(),
                LOST,
                installation.isEmpty() ? "agent" : installation,
                FindingSeverity.HIGH,
                false,
                sum + " findings were lost: there were more than this machine keeps for its control plane",
                Map.of("lost", String.valueOf(sum), "from", from.toString()),
                file.read(dropped.getLast()).report().at(),
                LOST_AGE);
        long number = last + 1;
        BookFile.Writing writing = file.write();
        Pending told = writing.add(
                new FindingItem(number, marks.get(), report, 1, report.at()),
                Sum.of(report.key()),
                Sum.ofContent(report));
        List<Pending> all = new ArrayList<>(dropped);
        if (changes && before != null) {
            all.add(pending.get(before.number()));
        }
        writing.drop(all.stream().map(Pending::number).toList());
        writing.done();
        last = number;
        all.forEach(this::leave);
        enter(told);
        lost.put(installation, new Lost(number, sum, from));
    }

    private void leave(Pending one) {
        pending.remove(one.number());
        newest.remove(one.key(), one);
        bytes -= one.length();
    }

    /** The oldest entries, as many as fit into a message; empty when there are none. */
    synchronized Optional<FindingBatch> oldest() throws IOException {
        List<FindingItem> items = new ArrayList<>();
        long size = 0;
        for (Pending one : pending.values()) {
            if (items.size() >= FindingBatch.MAX_ITEMS || (size + one.length() > FindingBatch.FULL && size > 0)) {
                break;
            }
            items.add(file.read(one));
            size += one.length();
        }
        if (items.isEmpty()) {
            return Optional.empty();
        }
        offered = Math.max(offered, items.getLast().number());
        return Optional.of(new FindingBatch(epoch, items));
    }

    /** The control plane has all up to here; what it says about another book is passed over. */
    synchronized void acknowledged(FindingAck ack) throws IOException {
        if (!ack.epoch().equals(epoch) || ack.number() == 0) {
            return;
        }
        Pending named = pending.get(ack.number());
        if (ack.number() > last || (named != null && !file.read(named).mark().equals(ack.mark()))) {
            // This book was put back from a copy, and the control plane has gone on with the other one since.
            epoch = marks.get();
            offered = last;
            file.rewrite(epoch, last, pending.values());
            return;
        }
        List<Pending> stored = List.copyOf(pending.headMap(ack.number(), true).values());
        if (!stored.isEmpty()) {
            BookFile.Writing writing = file.write();
            writing.acknowledged(ack.number());
            writing.done();
            stored.forEach(this::leave);
            file.compactIfWorth(epoch, last, pending.values(), bytes);
        }
    }

    synchronized int size() {
        return pending.size();
    }

    synchronized void close() throws IOException {
        file.close();
    }
}
