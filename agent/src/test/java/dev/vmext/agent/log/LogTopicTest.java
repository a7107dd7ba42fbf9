package dev.vmext.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.config.Places;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.link.LogPiece;
import dev.vmext.protocol.link.LogRead;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTopicTest {
    @TempDir
    Path root;

    private final ManualClock clock = ManualClock.atNewYear();
    private LogTopic topic;
    private Path logs;

    @BeforeEach
    void make() throws IOException {
        Places places = new Places(root);
        topic = new LogTopic(places, text -> text.replace("hunter2", "[redacted]"), clock);
        logs = places.handlerLogs("acme.Web");
        Files.createDirectories(logs);
        Files.createDirectories(places.handler("site", "acme.Web", "1.0"));
        Files.createDirectories(places.log().resolveSibling(""));
    }

    private LogPiece read(String installation, String cursor, int max) {
        topic.heard(CustomCapability.LOG_FILES_READ, new LogRead("7", installation, cursor, max).encode());
        return LogPiece.decode(topic.next().orElseThrow().data().toArray());
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test
    void showsTheEndAndThenOnlyWhatCameAfterIt() throws Exception {
        Path file = logs.resolve("handler.log");
        append(file, "one\ntwo\nthree\n");
        LogPiece end = read("site", "", 8);
        assertThat(end.text()).isEqualTo("three\n");
        assertThat(end.skipped()).isTrue();
        assertThat(read("site", end.cursor(), 1000).text()).isEmpty();
        append(file, "four\nfi");
        LogPiece next = read("site", end.cursor(), 1000);
        assertThat(next.text()).as("whole lines").isEqualTo("four\n");
        append(file, "ve\n");
        assertThat(read("site", next.cursor(), 1000).text()).isEqualTo("five\n");
    }

    @Test
    void followsThroughARotation() throws Exception {
        Path file = logs.resolve("handler.log");
        append(file, "one\n");
        String cursor = read("site", "", 1000).cursor();
        append(file, "two\n");
        Files.move(file, logs.resolve("handler.log.1"));
        append(file, "three\n");
        LogPiece piece = read("site", cursor, 1000);
        assertThat(piece.text()).contains("two\n").contains("three\n").doesNotContain("one");
        Files.writeString(file, "4\n"); // cut and begun anew in place
        assertThat(read("site", piece.cursor(), 1000).text()).contains("4\n").doesNotContain("three");
    }

    @Test
    void comesInPiecesWhenThereIsMuch() throws Exception {
        Path file = logs.resolve("handler.log");
        append(file, "begin\n");
        LogPiece piece = read("site", "", 1000);
        append(file, "0123456789abcde\n".repeat(1000));
        int bytes = 0;
        do {
            piece = read("site", piece.cursor(), 1000);
            bytes += piece.text().length();
            assertThat(piece.text().length()).isBetween(1, 1000);
        } while (piece.more());
        assertThat(bytes).isEqualTo(16_000);
    }

    @Test
    void takesSecretsOutBeforeAnythingLeavesTheMachine() throws Exception {
        append(logs.resolve("handler.log"), "password hunter2\n");
        assertThat(read("site", "", 1000).text()).isEqualTo("password [redacted]\n");
    }

    @Test
    void readsNothingButLogsOfInstallationsThatAreThere() throws Exception {
        Path secret = root.resolve("secret");
        append(secret, "do not read me\n");
        Files.createSymbolicLink(logs.resolve("link.log"), secret);
        append(logs.resolve("handler.log"), "fine\n");
        assertThat(read("site", "", 1000).text()).isEqualTo("fine\n");
        assertThat(read("other", "", 1000).problem()).contains("no installation");
        assertThat(read("../site", "", 1000).problem()).contains("no installation");
        assertThat(read("site", "v1\n" + secret + "\t0\n/etc/passwd\t0\n", 1000).text())
                .isEqualTo("fine\n");
    }

    @Test
    void readsTheAgentsOwnLogAndIsAskedFasterWhileSomebodyFollows() throws Exception {
        append(new Places(root).log(), "line\n");
        assertThat(topic.busy()).isFalse();
        assertThat(read("", "", 1000).text()).isEqualTo("line\n");
        assertThat(topic.busy()).isTrue();
        clock.advance(Duration.ofSeconds(16));
        assertThat(topic.busy()).isFalse();
    }
}
