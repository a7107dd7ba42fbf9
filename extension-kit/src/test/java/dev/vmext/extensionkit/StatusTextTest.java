package dev.vmext.extensionkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The text of a status, read by the handler and written as a status file by vmext-status: both must say the same. */
final class StatusTextTest {
    private static final String TEXT =
            "a warning of a program\n@status success 7\nall \"well\"\t\\\n@part scan-daily warning\none\n  two\n@part quarantine success\nempty\n";

    @TempDir
    private Path folder;

    @Test
    void aTextBecomesAStatus() {
        assertThat(StatusText.read(TEXT))
                .isEqualTo(new Status(
                        Status.Level.SUCCESS,
                        7,
                        "all \"well\"\t\\",
                        List.of(
                                new Status.Part("scan-daily", Status.Level.WARNING, 0, "one\n  two"),
                                Status.Part.success("quarantine", "empty"))));
        assertThat(StatusText.read("@status transitioning 0\nScan x: 1 of 2").isFinal())
                .isFalse();
    }

    @Test
    void aTextWithoutAStatusIsRefused() {
        assertThatThrownBy(() -> StatusText.read("sh: not found"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sh: not found");
        assertThatThrownBy(() -> StatusText.read("@status wonderful 0\n")).isInstanceOf(IllegalArgumentException.class);
    }

    private int write(String text) throws Exception {
        Files.writeString(folder.resolve("text"), text);
        List<String> command = new ArrayList<>(List.of("/bin/sh", "src/main/sh/vmext-status", "my.Ext"));
        command.addAll(List.of(
                folder.resolve("pointer").toString(), folder.resolve("run/lock").toString()));
        command.addAll(List.of("cat", folder.resolve("text").toString()));
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private Path point() throws Exception {
        Path status = Files.createDirectories(folder.resolve("status")).resolve("3.status");
        Files.writeString(folder.resolve("pointer"), status + "\n");
        return status;
    }

    @Test
    void theStatusFileSaysWhatTheHandlerReads() throws Exception {
        Path file = point();
        assertThat(write(TEXT)).isZero();
        Json json = Json.parse(Files.readString(file));
        Fields status =
                Fields.of("status file", ((Json.Arr) json).items().getFirst()).getObject("status");
        Status read = StatusText.read(TEXT);
        assertThat(status.getString("name")).isEqualTo("my.Ext");
        assertThat(status.getString("status")).isEqualTo(read.level().word());
        assertThat(status.getInt("code", -1, -1, 9)).isEqualTo(read.code());
        assertThat(status.getObject("formattedMessage").getString("message")).isEqualTo(read.message());
        assertThat(Files.readString(file)).contains("\"name\":\"scan-daily\",\"status\":\"warning\"", "one\\n  two");
        try (Stream<Path> files = Files.list(folder.resolve("status"))) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void nothingIsWrittenWhereTheHandlerTookItsPointerAway() throws Exception {
        Path file = point();
        Files.delete(folder.resolve("pointer"));
        assertThat(write(TEXT)).isZero();
        assertThat(file).doesNotExist();
    }

    @Test
    void aTextWithoutAStatusLeavesTheOldFile() throws Exception {
        Path file = point();
        assertThat(write(TEXT)).isZero();
        String before = Files.readString(file, StandardCharsets.UTF_8);
        assertThat(write("sh: not found\n")).isNotZero();
        assertThat(file).hasContent(before);
    }
}
