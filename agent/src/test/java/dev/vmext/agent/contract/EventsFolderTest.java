package dev.vmext.agent.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules of azure-contract 1.18, one by one. */
class EventsFolderTest {
    @TempDir
    Path temp;

    private final ManualClock clock = ManualClock.atNewYear();
    private final List<String> seen = new ArrayList<>();
    private final EventsFolder events =
            new EventsFolder(clock, (extension, found) -> found.forEach(event -> seen.add(event.message())));
    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(temp.resolve("events"));
    }

    static String event(String message) {
        return "{\"version\": \"1\", \"Timestamp\": \"2026-01-01T00:00:00Z\", \"TaskName\": \"t\", "
                + "\"EventLevel\": \"Error\", \"Message\": \"" + message
                + "\", \"EventPid\": \"1\", \"EventTid\": \"2\", \"OperationId\": \"3\"}";
    }

    private void put(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private void collect() throws IOException {
        events.collect("My.Ext", folder);
    }

    @Test
    void takesOneOrManyEventsNewestFileFirst() throws IOException {
        put("9.json", event("older"));
        put("10.json", "[" + event("a") + ", " + event("b") + "]");
        collect();
        assertThat(seen).containsExactly("a", "b", "older");
    }

    @Test
    void namesOfFieldsCountInAnyCaseAndNoneMayBeMissing() throws IOException {
        put("1.json", event("kept").toUpperCase(java.util.Locale.ROOT));
        put("2.json", event("lost").replace("OperationId", "Other"));
        collect();
        assertThat(seen).containsExactly("KEPT");
    }

    @Test
    void cutsMessagesAndDropsWhatIsTooLarge() throws IOException {
        put("1.json", event("m".repeat(5000)));
        put("2.json", event("fat").replace("\"t\"", "\"" + "t".repeat(6200) + "\""));
        put("3.json", "[" + " ".repeat((int) EventsFolder.MAX_FILE) + event("fat file") + "]");
        collect();
        assertThat(seen).containsExactly("m".repeat(3072));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aBrokenFileKeepsNeitherItsNeighboursNorItsOwnBeginningBack() throws IOException {
        put("2.json", "[" + event("first") + ", {");
        put("1.json", event("second"));
        collect();
        assertThat(seen).containsExactly("first", "second");
    }

    @Test
    void takesThreeHundredPerPeriodAndDeletesTheRest() throws IOException {
        put("2.json", "[" + String.join(",", Collections.nCopies(299, event("x"))) + "]");
        put("1.json", "[" + event("y") + "," + event("z") + "]");
        collect();
        assertThat(seen).hasSize(300).endsWith("y");
        assertThat(folder).isEmptyDirectory();
        put("3.json", event("too soon"));
        clock.advance(Duration.ofSeconds(299));
        collect();
        assertThat(seen).hasSize(300);
        put("4.json", event("in time"));
        clock.advance(Duration.ofSeconds(1));
        collect();
        assertThat(seen).endsWith("in time");
    }

    @Test
    void deletesOtherFilesAndLinksUnread() throws IOException {
        Path secret = Files.writeString(temp.resolve("secret"), event("secret"));
        Files.createSymbolicLink(folder.resolve("5.json"), secret);
        put("five.json", event("misnamed"));
        collect();
        assertThat(seen).isEmpty();
        assertThat(folder).isEmptyDirectory();
        assertThat(secret).exists();
    }

    @Test
    void keepsALimitedNumberOfLinesWithoutSecrets() throws IOException {
        KeptEvents kept = new KeptEvents(temp.resolve("kept"), text -> text.replace("hunter2", "***"));
        List<HandlerEvent> many = Collections.nCopies(
                300, new HandlerEvent("1", "now", "task", "Verbose", "hunter2 " + "x".repeat(2000), "1", "2", "3"));
        for (int i = 0; i < 6; i++) {
            kept.accept("My.Ext", many);
        }
        Path file = temp.resolve("kept/My.Ext.jsonl");
        assertThat(file).content().contains("*** xxx").doesNotContain("hunter2");
        assertThat(Files.size(file) + Files.size(temp.resolve("kept/My.Ext.jsonl.1")))
                .isLessThan(4L << 20);
    }

    /** Takes findings into a list, and refuses while it is told to. */
    private static final class Taker implements FindingEvents {
        private final List<String> taken = new ArrayList<>();
        private final List<String> before = new ArrayList<>();
        private boolean refuses;
        private int calls;

        @Override
        public boolean takes(HandlerEvent event) {
            return event.message().startsWith("F");
        }

        @Override
        public boolean wanted(String extension) {
            return true;
        }

        @Override
        public boolean taken(String extension, String file) {
            return before.contains(file);
        }

        @Override
        public void take(String extension, List<String> files, List<HandlerEvent> found) throws IOException {
            calls++;
            if (refuses) {
                throw new IOException("no space left");
            }
            found.forEach(event -> taken.add(event.message()));
        }
    }

    private EventsFolder taking(Taker taker) {
        return new EventsFolder(clock, (extension, found) -> found.forEach(event -> seen.add(event.message())), taker);
    }

    @Test
    void findingsAreTakenOldestFirstAndOutsideTheQuota() throws IOException {
        Taker taker = new Taker();
        EventsFolder taking = taking(taker);
        for (int i = 100; i < 500; i++) {
            put(i + ".json", "[" + event("F" + i) + "," + event("e" + i) + "]");
        }
        taking.collect("My.Ext", folder);
        assertThat(taker.taken).hasSize(400).startsWith("F100", "F101").endsWith("F499");
        assertThat(taker.calls).isEqualTo(13);
        assertThat(seen).hasSize(300).startsWith("e499").endsWith("e200");
        assertThat(folder).isEmptyDirectory();
        put("900.json", event("F900"));
        taking.collect("My.Ext", folder);
        assertThat(taker.taken).endsWith("F900");
    }

    @Test
    void filesStayWhileTheirFindingsCannotBeTaken() throws IOException {
        Taker taker = new Taker();
        taker.refuses = true;
        put("1.json", event("F1"));
        taking(taker).collect("My.Ext", folder);
        assertThat(folder.resolve("1.json")).exists();
        taker.refuses = false;
        taking(taker).collect("My.Ext", folder);
        assertThat(taker.taken).containsExactly("F1");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whatWasTakenByAnAgentThatWentDownIsOnlyDeleted() throws IOException {
        Taker taker = new Taker();
        taker.before.add("1.json");
        put("1.json", event("F1"));
        put("2.json", event("F2"));
        taking(taker).collect("My.Ext", folder);
        assertThat(taker.taken).containsExactly("F2");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void oneFileWithVeryManyIsTakenInParts() throws IOException {
        Taker taker = new Taker();
        put("1.json", "[" + String.join(",", Collections.nCopies(700, event("F"))) + "]");
        taking(taker).collect("My.Ext", folder);
        assertThat(taker.taken).hasSize(700);
        assertThat(taker.calls).isEqualTo(3);
    }

    @Test
    void aFileThatIsStillWrittenStays() throws IOException {
        Path half = folder.resolve(".7.json.new");
        Files.writeString(half, "{");
        Files.setLastModifiedTime(half, java.nio.file.attribute.FileTime.from(clock.instant()));
        collect();
        assertThat(half).exists();
        clock.advance(EventsFolder.UNFINISHED.plusSeconds(1));
        collect();
        assertThat(half).doesNotExist();
    }
}
