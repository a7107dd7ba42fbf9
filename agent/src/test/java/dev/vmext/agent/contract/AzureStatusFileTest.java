package dev.vmext.agent.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.StatusWord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of azure-contract 1.8, one by one. */
class AzureStatusFileTest {
    @TempDir
    Path folder;

    private StatusReading read(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("0.status"), text);
        return AzureStatusFile.read(file, "My.Pub.Ext");
    }

    private HandlerStatus said(String text) throws IOException {
        StatusReading reading = read(text);
        assertThat(reading).isInstanceOf(StatusReading.Said.class);
        return ((StatusReading.Said) reading).status();
    }

    private static String status(String fields) {
        return "[{\"version\": 1.0, \"timestampUTC\": 5, \"status\": {" + fields + "}}]";
    }

    @Test
    void readsAWholeStatus() throws IOException {
        HandlerStatus status = said("\uFEFF"
                + status("\"operation\": \"Enable\", \"status\": \"transitioning\", \"code\": 3, "
                        + "\"formattedMessage\": {\"lang\": \"en\", \"message\": \"working\"}, \"substatus\": [null, "
                        + "{\"name\": \"p\", \"status\": \"success\", \"code\": \"7\", "
                        + "\"formattedMessage\": {\"lang\": \"en\", \"message\": \"ok\"}}]"));
        assertThat(status.status()).isEqualTo(StatusWord.TRANSITIONING);
        assertThat(status.message()).isEqualTo("working");
        assertThat(status.code()).isEqualTo("3");
        assertThat(status.substatus()).singleElement().satisfies(part -> {
            assertThat(part.name()).isEqualTo("p");
            assertThat(part.code()).isEqualTo("7");
        });
    }

    @Test
    void needsNothingButTheWord() throws IOException {
        HandlerStatus status = said(status("\"status\": \"success\", \"substatus\": null"));
        assertThat(status.code()).isEqualTo("0");
        assertThat(status.message()).isEmpty();
    }

    @Test
    void anUnknownWordIsAnErrorOfTheHandler() throws IOException {
        assertThat(said(status("\"status\": \"Success\"")).status()).isEqualTo(StatusWord.ERROR);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no json",
                "{}",
                "[5]",
                "[{}]",
                "[{\"status\": {}}]",
                "[{\"status\": {\"status\": \"success\", \"formattedMessage\": {\"Lang\": \"x\", \"message\": \"y\"}}}]",
                "[{\"status\": {\"status\": \"success\", \"substatus\": [{\"status\": \"odd\"}]}}]",
                "[{\"status\": {\"status\": \"success\", \"substatus\": {}}}]",
                "[{\"status\": {\"status\": \"success\""
            })
    void namesWhatIsMalformed(String text) throws IOException {
        assertThat(read(text)).isInstanceOf(StatusReading.Malformed.class);
    }

    @Test
    void anEmptyArraySaysNothingAtAll() throws IOException {
        assertThat(read("[]")).isInstanceOf(StatusReading.Nothing.class);
    }

    @Test
    void aMissingFileIsReportedAsUnderWay() {
        StatusReading reading = AzureStatusFile.read(folder.resolve("9.status"), "My.Pub.Ext");
        assertThat(((StatusReading.Missing) reading).placeholder())
                .returns(StatusWord.TRANSITIONING, HandlerStatus::status)
                .returns("0", HandlerStatus::code)
                .extracting(HandlerStatus::message)
                .asString()
                .startsWith("This status is being reported by the Guest Agent since no status file was reported by "
                        + "extension My.Pub.Ext: ");
    }

    @Test
    void aBadTextShowsItsBeginningAndAFileThatCannotBeReadItsCode() throws IOException {
        assertThat((StatusReading.Malformed) read("[" + "x".repeat(3000)))
                .returns("1012", StatusReading.Malformed::code)
                .satisfies(bad -> assertThat(bad.text()).hasSize(2000).startsWith("[xxx"));
        Path folderInItsPlace = Files.createDirectory(folder.resolve("3.status"));
        assertThat((StatusReading.Malformed) AzureStatusFile.read(folderInItsPlace, "My.Pub.Ext"))
                .returns("-1", StatusReading.Malformed::code);
    }

    @Test
    void refusesAFileThatWouldTakeTheAgentsMemory() throws IOException {
        assertThat((StatusReading.Malformed) read(" ".repeat((1 << 20) + 1)))
                .satisfies(bad -> assertThat(bad.why()).contains("is larger than"));
    }

    @Test
    void cutsALargeStatus() throws IOException {
        String part =
                "{\"name\": \"p\", \"status\": \"success\", \"formattedMessage\": {\"lang\": \"en\", \"message\": \""
                        + "x".repeat(20_000) + "\"}}";
        HandlerStatus status =
                said(status("\"status\": \"success\", \"formattedMessage\": {\"lang\": \"en\", \"message\": \""
                        + "m".repeat(5_000) + "\"}, \"substatus\": [" + part + ("," + part).repeat(19) + "]"));
        assertThat(status.message()).hasSize(1024 + " ... [TRUNCATED]".length()).endsWith("[TRUNCATED]");
        assertThat(status.substatus()).hasSizeBetween(10, 13);
        assertThat(status.substatus().getFirst().message().getBytes(StandardCharsets.UTF_8).length)
                .isLessThan(11_000);
    }
}
