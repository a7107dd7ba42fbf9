package dev.vmext.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
    @TempDir
    Path folder;

    @Test
    void keepsItsNameAndAFewOlderFiles() throws IOException {
        Path file = folder.resolve("server.log");
        var log = new LogFile(file, 100, 2);
        for (int i = 1; i <= 4; i++) {
            log.publish(new LogRecord(Level.INFO, "line " + i + " " + "x".repeat(50)));
        }
        log.close();

        assertThat(Files.readString(file)).contains("line 4").doesNotContain("line 3");
        assertThat(Files.readString(folder.resolve("server.log.1"))).contains("line 3");
        assertThat(Files.readString(folder.resolve("server.log.2"))).contains("line 2");
        assertThat(folder.resolve("server.log.3")).doesNotExist();
    }

    @Test
    void goesOnWhereAnEarlierServerEnded() throws IOException {
        Path file = folder.resolve("server.log");
        Files.writeString(file, "before\n");
        var log = new LogFile(file, 1000, 2);
        log.publish(new LogRecord(Level.INFO, "after"));
        log.close();

        assertThat(Files.readString(file)).startsWith("before\n").contains("after");
    }

    @Test
    void writesOneLinePerRecordWhateverIsInIt() {
        String line = new LogLines().format(new LogRecord(Level.WARNING, "a\nfaked line"));

        assertThat(line).containsOnlyOnce("\n").contains("WARNING", "a\\nfaked line");
    }
}
