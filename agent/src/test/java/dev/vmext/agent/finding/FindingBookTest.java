package dev.vmext.agent.finding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.finding.FindingAck;
import dev.vmext.protocol.finding.FindingBatch;
import dev.vmext.protocol.finding.FindingItem;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.testkit.ManualClock;
import dev.vmext.testkit.disk.Fuse;
import dev.vmext.testkit.disk.MemoryDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FindingBookTest {
    private static final Instant AT = Instant.parse("2026-11-30T12:00:00Z");

    @TempDir
    Path temp;

    private int marks;
    private @Nullable FindingBook open;

    private static final Logger NOISY = Logger.getLogger("dev.vmext.agent.finding");

    @BeforeEach
    void begin() {
        marks = 0;
        // Every kill has a warning to tell.
        NOISY.setLevel(Level.OFF);
    }

    @AfterEach
    void close() throws IOException {
        NOISY.setLevel(null);
        if (open != null) {
            open.close();
        }
    }

    private FindingBook book() throws IOException {
        return book(temp.resolve("book"), FindingBook.Bounds.STANDARD);
    }

    private FindingBook book(Path folder, FindingBook.Bounds bounds) throws IOException {
        close();
        FindingBook book = new FindingBook(folder, bounds, () -> "mark" + marks++);
        open = book;
        return book;
    }

    private static FindingReport report(String installation, String subject, boolean resolved, Instant at) {
        return new FindingReport(
                installation, "My.Ext", "seen", subject, FindingSeverity.HIGH, resolved, "", Map.of(), at, null);
    }

    private static FindingReport report(String subject) {
        return report("a", subject, false, AT);
    }

    private static List<String> subjects(Optional<FindingBatch> batch) {
        return batch.stream()
                .flatMap(one -> one.items().stream())
                .map(item -> item.report().subject())
                .toList();
    }

    private static FindingAck ack(FindingBatch batch) {
        FindingItem last = batch.items().getLast();
        return new FindingAck(batch.epoch(), last.number(), last.mark());
    }

    @Test
    void keepsItsOrderOverRestartsUntilItIsAcknowledged() throws IOException {
        FindingBook book = book();
        book.append(List.of(report("one"), report("two")), null, List.of());
        FindingBatch sent = book.oldest().orElseThrow();
        book.append(List.of(report("three")), null, List.of());
        book = book();
        assertThat(subjects(book.oldest())).containsExactly("one", "two", "three");
        book.acknowledged(ack(sent));
        assertThat(subjects(book.oldest())).containsExactly("three");
        book = book();
        assertThat(subjects(book.oldest())).containsExactly("three");
        book.acknowledged(ack(book.oldest().orElseThrow()));
        book = book();
        assertThat(book.oldest()).isEmpty();
        book.append(List.of(report("four")), null, List.of());
        assertThat(book.oldest().orElseThrow().items().getFirst().number()).isEqualTo(4);
    }

    @Test
    void countsWhatIsSaidAgainUntilItWasOffered() throws IOException {
        FindingBook book = book();
        book.append(List.of(report("x"), report("a", "x", false, AT.plusSeconds(5))), null, List.of());
        book.append(List.of(report("a", "x", false, AT.plusSeconds(9))), null, List.of());
        FindingItem item = book.oldest().orElseThrow().items().getFirst();
        assertThat(item.times()).isEqualTo(3);
        assertThat(item.first()).isEqualTo(AT);
        assertThat(item.report().at()).isEqualTo(AT.plusSeconds(9));
        // It may have arrived: the next one is another entry, also after a restart.
        book.append(List.of(report("x")), null, List.of());
        assertThat(book.size()).isEqualTo(2);
        book = book();
        book.append(List.of(report("x")), null, List.of());
        assertThat(book.oldest().orElseThrow().items())
                .extracting(FindingItem::times)
                .containsExactly(3L, 1L, 1L);
    }

    @Test
    void neverMergesAcrossAResolution() throws IOException {
        FindingBook book = book();
        book.append(List.of(report("x"), report("a", "x", true, AT), report("x")), null, List.of());
        assertThat(book.oldest().orElseThrow().items())
                .extracting(item -> item.report().resolved())
                .containsExactly(false, true, false);
    }

    @Test
    void remembersWhichFilesItTook() throws IOException {
        FindingBook book = book();
        book.append(List.of(report("x")), "My.Ext", List.of("1.json", "2.json"));
        book = book();
        assertThat(book.taken("My.Ext", "2.json")).isTrue();
        assertThat(book.taken("My.Other", "2.json")).isFalse();
        book.append(List.of(report("y")), "My.Ext", List.of("3.json"));
        assertThat(book.taken("My.Ext", "2.json")).isFalse();
    }

    @Test
    void whatHasNoRoomGoesFromTheNoisyOneAndIsTold() throws IOException {
        FindingBook book = book(temp.resolve("small"), new FindingBook.Bounds(32, 1 << 20));
        book.append(List.of(report("quiet", "important", false, AT)), null, List.of());
        for (int i = 0; i < 100; i++) {
            book.append(List.of(report("noisy", "n" + i, false, AT.plusSeconds(i))), null, List.of());
        }
        assertThat(book.size()).isLessThanOrEqualTo(33);
        FindingBook again = book(temp.resolve("small"), new FindingBook.Bounds(32, 1 << 20));
        List<FindingItem> items = again.oldest().orElseThrow().items();
        assertThat(items.getFirst().report().subject()).isEqualTo("important");
        List<FindingItem> told = items.stream()
                .filter(item -> item.report().type().equals("findings-lost"))
                .toList();
        assertThat(told).hasSize(1);
        long kept = items.stream()
                .filter(item -> item.report().subject().startsWith("n"))
                .filter(item -> !item.report().type().equals("findings-lost"))
                .count();
        assertThat(told.getFirst().report().installation()).isEqualTo("noisy");
        assertThat(told.getFirst().report().evidence()).containsEntry("lost", String.valueOf(100 - kept));
        assertThat(items.getLast().report().subject()).isIn("n99", "noisy");
    }

    @Test
    void theFileDoesNotGrowWithWhatIsOver() throws IOException {
        FindingBook book = book();
        for (int round = 0; round < 60; round++) {
            List<FindingReport> many = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                many.add(report("round " + round + " " + i));
            }
            book.append(many, "My.Ext", List.of(round + ".json"));
            book.acknowledged(ack(book.oldest().orElseThrow()));
        }
        assertThat(Files.size(temp.resolve("book/book.log"))).isLessThan(300_000);
        assertThat(book.size()).isZero();
    }

    @Test
    void aBookPutBackFromACopyBeginsAnew() throws IOException {
        FindingBook book = book();
        book.append(List.of(report("one")), null, List.of());
        book.acknowledged(ack(book.oldest().orElseThrow()));
        byte[] copy = Files.readAllBytes(temp.resolve("book/book.log"));
        book.append(List.of(report("two")), null, List.of());
        FindingBatch stored = book.oldest().orElseThrow();
        book.acknowledged(ack(stored));
        book.close();
        Files.write(temp.resolve("book/book.log"), copy);

        book = book();
        book.append(List.of(report("other two")), null, List.of());
        FindingBatch sent = book.oldest().orElseThrow();
        assertThat(sent.items().getFirst().number()).isEqualTo(2);
        book.acknowledged(ack(stored));
        FindingBatch anew = book.oldest().orElseThrow();
        assertThat(anew.epoch()).isNotEqualTo(sent.epoch());
        assertThat(subjects(Optional.of(anew))).containsExactly("other two");
    }

    @Test
    void damageCostsOneEntryAndNotTheBook() throws IOException {
        FindingBook book = book();
        book.append(List.of(report("one"), report("two"), report("three")), null, List.of());
        Path file = temp.resolve("book/book.log");
        Files.writeString(file, Files.readString(file).replace("\"two\"", "\"xxx\""));
        assertThat(subjects(book().oldest())).containsExactly("one", "three");
    }

    /** What the control plane has, by its rules. */
    private static final class Receiver {
        private final Map<String, Long> times = new HashMap<>();
        private String epoch = "";
        private long number;
        private String mark = "";

        FindingAck take(FindingBatch batch) {
            if (!batch.epoch().equals(epoch)) {
                epoch = batch.epoch();
                number = 0;
            }
            for (FindingItem item : batch.items()) {
                if (item.number() > number) {
                    times.merge(item.report().subject(), item.times(), Long::sum);
                    number = item.number();
                    mark = item.mark();
                }
            }
            return new FindingAck(epoch, number, mark);
        }
    }

    /** An agent's work on its book: files are taken, forwarded, acknowledged. */
    private static void work(Path root, Receiver receiver) {
        try {
            int[] marks = {0};
            FindingBook book =
                    new FindingBook(root.resolve("book"), FindingBook.Bounds.STANDARD, () -> "m" + marks[0]++);
            for (int i = 0; i < 6; i++) {
                Path file = root.resolve(i + ".json");
                if (!Files.exists(file)) {
                    continue;
                }
                if (!book.taken("My.Ext", i + ".json")) {
                    book.append(List.of(report("s" + i), report("always")), "My.Ext", List.of(i + ".json"));
                }
                Files.delete(file);
                if (i % 2 == 1) {
                    forward(book, receiver);
                }
            }
            forward(book, receiver);
            book.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void forward(FindingBook book, Receiver receiver) throws IOException {
        Optional<FindingBatch> batch = book.oldest();
        if (batch.isPresent()) {
            book.acknowledged(receiver.take(batch.get()));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, 0.6, 0.9, 0.99})
    void anAgentKilledAtAnyPointLosesNothingAndTellsNothingTwice(double written) throws IOException {
        int point = 0;
        boolean died = true;
        while (died) {
            Fuse fuse = new Fuse();
            MemoryDisk disk = new MemoryDisk(fuse, ManualClock.atNewYear());
            for (int i = 0; i < 6; i++) {
                Files.writeString(disk.root().resolve(i + ".json"), "x");
            }
            disk.sync();
            Receiver receiver = new Receiver();
            fuse.arm(point, written);
            died = false;
            try {
                work(disk.root(), receiver);
            } catch (Fuse.Blown blown) {
                died = true;
            }
            fuse.replace();
            work(disk.root(), receiver);
            Map<String, Long> expected = new HashMap<>(Map.of("always", 6L));
            for (int i = 0; i < 6; i++) {
                expected.put("s" + i, 1L);
            }
            assertThat(receiver.times).as("killed at point " + point).isEqualTo(expected);
            point++;
        }
        assertThat(point).isGreaterThan(30);
    }
}
