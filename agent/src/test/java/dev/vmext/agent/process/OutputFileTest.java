package dev.vmext.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cut never leaves half a line, in which half a secret could stand that nobody recognises. */
class OutputFileTest {
    @TempDir
    Path folder;

    private Path file(String text) throws Exception {
        return Files.writeString(folder.resolve("output"), text);
    }

    @Test
    void theEndBeginsWithAWholeLineWhereverItIsCut() throws Exception {
        Path file = file("1 secret\n2 secret\n3 secret\n");
        for (int bytes = 10; bytes < 27; bytes++) {
            assertThat(OutputFile.tail(file, bytes)).matches("(?:[23] secret\\n)*");
        }
        assertThat(OutputFile.tail(file, 27)).isEqualTo("1 secret\n2 secret\n3 secret\n");
    }

    @Test
    void ofALineWithoutAnEndAsMuchGoesAsASecretMayBeLong() throws Exception {
        Path file = file("x".repeat(10_000) + "y".repeat(10_000));
        assertThat(OutputFile.tail(file, 8192)).isEqualTo("y".repeat(4096));
        assertThat(OutputFile.tail(file, 100)).isEmpty();
    }

    @Test
    void aCappedFileBeginsWithAWholeLine() throws Exception {
        Path file = file("1 secret\n2 secret\n3 secret\n");
        OutputFile.cap(file, 26);
        assertThat(Files.readString(file)).isEqualTo("3 secret\n");
    }
}
