package dev.vmext.agent.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of azure-contract 1.9. */
class AzureHeartbeatFileTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    @TempDir
    Path folder;

    private HeartbeatReading read(String text, long secondsAgo) throws IOException {
        Path file = Files.writeString(folder.resolve("heartbeat.log"), text);
        Files.setLastModifiedTime(file, FileTime.from(NOW.minusSeconds(secondsAgo)));
        return AzureHeartbeatFile.read(file, NOW);
    }

    private static String heartbeat(String word) {
        return "[{\"version\": 1.0, \"heartbeat\": {\"status\": \"" + word
                + "\", \"code\": 3, \"Message\": \"running\"}}]";
    }

    @ParameterizedTest
    @CsvSource({"ready, true", "Ready, true", "notready, false", "odd, false"})
    void tellsWhatTheHandlerSays(String word, boolean ready) throws IOException {
        assertThat(read(heartbeat(word), 600))
                .isEqualTo(new HeartbeatReading.Beating(word, "3", "running"))
                .satisfies(beat ->
                        assertThat(((HeartbeatReading.Beating) beat).ready()).isEqualTo(ready));
    }

    @Test
    void whatWasNotTouchedForTenMinutesIsUnresponsive() throws IOException {
        assertThat(read(heartbeat("ready"), 601)).isInstanceOf(HeartbeatReading.Unresponsive.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "{}", "[]", "[{}]", "[{\"heartbeat\": {}}]", "[{\"heartbeat\": {\"status\": 5}}]"})
    void whatCannotBeUnderstoodIsMalformed(String text) throws IOException {
        assertThat(read(text, 0))
                .isInstanceOfSatisfying(
                        HeartbeatReading.Unreadable.class,
                        bad -> assertThat(bad.why()).startsWith("Malformed heartbeat file"));
    }

    @Test
    void aMissingFileSaysSo() {
        assertThat(AzureHeartbeatFile.read(folder.resolve("none"), NOW))
                .isEqualTo(new HeartbeatReading.Unreadable("Failed to get heart beat file"));
    }
}
