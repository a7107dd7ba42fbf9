package dev.vmext.protocol.finding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FindingBatchTest {
    private static final Instant AT = Instant.parse("2026-11-30T12:00:00Z");

    private static FindingReport report(String subject, String title, Map<String, String> evidence) {
        return new FindingReport(
                "av",
                "vmext.Antivirus",
                "malware-found",
                subject,
                FindingSeverity.HIGH,
                false,
                title,
                evidence,
                AT,
                Duration.ofDays(1));
    }

    @Test
    void comesBackAsItWas() {
        FindingItem first =
                new FindingItem(7, "ab12", report("/tmp/ü\"x", "Eicar", Map.of("signature", "a\nb")), 3, AT);
        FindingItem second = new FindingItem(
                9,
                "cd34",
                new FindingReport("", "", "findings-lost", "agent", FindingSeverity.LOW, true, "", Map.of(), AT, null),
                1,
                AT.minusSeconds(5));
        FindingBatch batch = new FindingBatch("e1", List.of(first, second));
        assertThat(FindingBatch.decode(batch.encode())).isEqualTo(batch);
        FindingAck ack = new FindingAck("e1", 9, "cd34");
        assertThat(FindingAck.decode(ack.encode())).isEqualTo(ack);
    }

    @Test
    void theLargestFindingFitsInAMessage() {
        Map<String, String> evidence = new HashMap<>();
        for (int i = 0; i < 10; i++) {
            evidence.put("n" + i, "\n".repeat(200));
        }
        FindingItem item = new FindingItem(1, "m", report("\uD83D\uDE00".repeat(256), "t", evidence), 1, AT);
        FindingBatch batch = new FindingBatch("e", List.of(item));
        assertThat(batch.encode().length).isLessThan(FindingBatch.FULL);
        assertThat(FindingBatch.decode(batch.encode())).isEqualTo(batch);
    }

    @Test
    void cleansWhatCouldSteerATerminal() {
        FindingReport report = report("a\u001b[2Jb\uD800", "x\ny", Map.of("e", "l1\nl2\u0007"));
        assertThat(report.subject()).isEqualTo("a\uFFFD[2Jb\uFFFD");
        assertThat(report.title()).isEqualTo("x\uFFFDy");
        assertThat(report.evidence()).containsEntry("e", "l1\nl2\uFFFD");
    }

    @Test
    void fittingCutsAndTheConstructorRefuses() {
        String longText = "x".repeat(4000);
        FindingReport cut = FindingReport.fitting(
                "i", "e", "t", longText, FindingSeverity.INFO, false, longText, Map.of("a", longText), AT, null);
        assertThat(cut.subject()).hasSize(512);
        assertThat(cut.title()).hasSize(200);
        assertThat(cut.evidence().get("a")).hasSize(512);
        assertThatThrownBy(() -> report(longText, "", Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("subject is longer than 512");
        assertThatThrownBy(() -> report(" ", "", Map.of())).hasMessageContaining("empty");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"epoch\":\"e\",\"items\":[]}",
                "{\"epoch\":\"e\",\"items\":[{\"number\":1}]}",
                "{\"epoch\":\"\",\"items\":[ITEM]}",
                "{\"epoch\":\"e\",\"items\":[ITEM,ITEM]}",
                "{\"epoch\":\"e\",\"items\":[ITEM2]}",
                "{\"epoch\":\"e\",\"items\":{}}",
            })
    void refusesWhatIsNoBatch(String text) {
        String item = """
                {"number":1,"mark":"m","at":"2026-11-30T12:00:00Z","type":"t","subject":"s","severity":"low","state":"open"}""";
        byte[] json = text.replace("ITEM2", item.replace("\"low\"", "\"dire\""))
                .replace("ITEM", item)
                .getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> FindingBatch.decode(json)).isInstanceOf(ProblemException.class);
    }
}
