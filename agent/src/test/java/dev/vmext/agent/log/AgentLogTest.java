package dev.vmext.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentLogTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    private AgentLog log() {
        return new AgentLog(
                folder.resolve("agent.log"),
                new PrintStream(console, true, StandardCharsets.UTF_8),
                text -> text.replace("hunter2", "[redacted]"));
    }

    @AfterEach
    void giveBack() throws Exception {
        LogManager.getLogManager().readConfiguration();
    }

    @Test
    void aLineStandsInTheFileAndOnTheConsoleWithoutSecrets() throws Exception {
        log().publish(new LogRecord(Level.INFO, "the password is hunter2\nand more"));
        assertThat(Files.readString(folder.resolve("agent.log")))
                .endsWith("INFO the password is [redacted] and more\n");
        assertThat(console.toString(StandardCharsets.UTF_8)).isEqualTo(Files.readString(folder.resolve("agent.log")));
    }

    @Test
    void zerosThatAPowerCutLeftAreTakenAway() throws Exception {
        Path file = Files.writeString(folder.resolve("agent.log"), "first\nhalf a li\0\0\0\0\0");
        log().takeOver();
        Logger.getLogger("dev.vmext.Next").info("second");
        assertThat(Files.readString(file))
                .startsWith("first\nhalf a li\n")
                .endsWith("INFO Next: second\n")
                .doesNotContain("\0");
    }

    @Test
    void aFileOfZerosOnlyBeginsAnew() throws Exception {
        Path file = Files.write(folder.resolve("agent.log"), new byte[5000]);
        log().takeOver();
        assertThat(file).isEmptyFile();
    }

    @Test
    void aWholeFileStaysAsItIs() throws Exception {
        Path file = Files.writeString(folder.resolve("agent.log"), "first\nsecond");
        log().takeOver();
        assertThat(file).hasContent("first\nsecond");
    }
}
