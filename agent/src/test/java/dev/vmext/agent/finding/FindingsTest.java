package dev.vmext.agent.finding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.vmext.agent.contract.HandlerEvent;
import dev.vmext.agent.link.Topic;
import dev.vmext.protocol.finding.FindingAck;
import dev.vmext.protocol.finding.FindingBatch;
import dev.vmext.protocol.finding.FindingItem;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.testkit.FakeExtension;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindingsTest {
    private static final String EXTENSION = "vmext.Fake";

    @TempDir
    Path temp;

    private final ManualClock clock = ManualClock.atNewYear();
    private final List<String> secrets = new ArrayList<>();
    private int marks;
    private int news;

    @SuppressWarnings("NullAway.Init") // by open
    private Findings findings;

    @SuppressWarnings("NullAway.Init") // by open
    private FindingTopic topic;

    @BeforeEach
    void open() throws IOException {
        FakeExtension.writeTo(temp.resolve("handlers/one/vmext.Fake-1.0.0"), "1.0.0");
        findings = new Findings(
                temp.resolve("book"),
                temp.resolve("handlers"),
                this::redact,
                clock,
                () -> "mark" + marks++,
                () -> news++);
        topic = findings.topic();
    }

    @AfterEach
    void close() throws IOException {
        findings.close();
    }

    private String redact(String text) {
        String clean = text;
        for (String secret : secrets) {
            clean = clean.replace(secret, "[redacted]");
        }
        return clean;
    }

    private void told(String... messages) throws IOException {
        List<HandlerEvent> events = new ArrayList<>();
        for (String message : messages) {
            events.add(new HandlerEvent(
                    "1", "2025-12-31T23:00:00Z", "vmext.finding", "Error", message.replace('\'', '"'), "1", "1", "1"));
        }
        findings.take(EXTENSION, List.of(), events);
    }

    private FindingBatch sent() {
        return topic.next()
                .map(Topic.Said::data)
                .map(data -> FindingBatch.decode(data.toArray()))
                .orElseThrow();
    }

    private List<FindingReport> reports() {
        return sent().items().stream().map(FindingItem::report).toList();
    }

    @Test
    void takesWhatIsDeclaredWithTheDeclaredSeverity() throws IOException {
        assertThat(findings.wanted(EXTENSION)).isTrue();
        assertThat(findings.wanted("Other.Ext")).isFalse();
        told("{'v':1,'type':'fake-found','subject':'/x','title':'t','evidence':{'a':'b'}}");
        FindingReport report = reports().getFirst();
        assertThat(report.installation()).isEqualTo("one");
        assertThat(report.severity()).isEqualTo(FindingSeverity.MEDIUM);
        assertThat(report.at()).isEqualTo("2025-12-31T23:00:00Z");
        assertThat(report.evidence()).isEqualTo(Map.of("a", "b"));
        assertThat(news).isEqualTo(1);
    }

    @Test
    void refusesWhatIsNotAndTellsItOnceAnHour() throws IOException {
        told(
                "{'v':1,'type':'unheard-of','subject':'/x'}",
                "{'v':1,'type':'unheard-of','subject':'/y'}",
                "{'v':2,'type':'fake-found','subject':'/x'}",
                "no json",
                "{'v':1,'type':'fake-found','subject':'/x','installation':'two'}");
        assertThat(reports())
                .extracting(FindingReport::type, FindingReport::subject)
                .containsExactly(
                        tuple("findings-refused", "vmext.Fake: type unheard-of"),
                        tuple("findings-refused", "vmext.Fake: message"),
                        tuple("findings-refused", "vmext.Fake: installation"));
        clock.advance(Duration.ofHours(1));
        told("{'v':1,'type':'unheard-of','subject':'/x'}");
        assertThat(sent().items()).hasSize(4);
    }

    @Test
    void asksWhichInstallationWhereThereAreSeveral() throws IOException {
        FakeExtension.writeTo(temp.resolve("handlers/two/vmext.Fake-1.0.0"), "1.0.0");
        told(
                "{'v':1,'type':'fake-found','subject':'/x'}",
                "{'v':1,'type':'fake-found','subject':'/x','installation':'two'}");
        assertThat(reports())
                .extracting(FindingReport::type, FindingReport::installation)
                .containsExactly(tuple("findings-refused", ""), tuple("fake-found", "two"));
    }

    @Test
    void secretsReachNeitherTheDiskNorTheControlPlane() throws IOException {
        secrets.add("hunter2");
        told("{'v':1,'type':'fake-found','subject':'/x?hunter2','evidence':{'later':'swordfish','now':'is hunter2'}}");
        assertThat(Files.readString(temp.resolve("book/book.log"))).doesNotContain("hunter2");
        secrets.add("swordfish");
        FindingReport report = reports().getFirst();
        assertThat(report.subject()).isEqualTo("/x?[redacted]");
        assertThat(report.evidence()).isEqualTo(Map.of("later", "[redacted]", "now", "is [redacted]"));
    }

    @Test
    void sendsOneBatchAtATimeAndAgainWhenNobodyAnswers() throws IOException {
        told("{'v':1,'type':'fake-found','subject':'/x'}");
        FindingBatch first = sent();
        assertThat(topic.busy()).isTrue();
        told("{'v':1,'type':'fake-found','subject':'/y'}");
        assertThat(topic.next()).isEmpty();
        clock.advance(Duration.ofSeconds(30));
        assertThat(sent().items()).hasSize(2);
        topic.connected();
        assertThat(sent().items()).hasSize(2);
        FindingItem item = first.items().getFirst();
        topic.heard("ack", new FindingAck(first.epoch(), item.number(), item.mark()).encode());
        assertThat(sent().items()).hasSize(1);
    }

    @Test
    void otherPartsOfTheAgentTellTheirs() {
        findings.accept(new FindingReport(
                "one",
                EXTENSION,
                "metrics-cardinality",
                "node",
                FindingSeverity.LOW,
                false,
                "",
                Map.of(),
                clock.instant(),
                null));
        assertThat(reports()).extracting(FindingReport::type).containsExactly("metrics-cardinality");
    }

    @Test
    void aDiskThatRefusesLosesNothingOfHandlersAndTellsWhatOthersLost() throws IOException {
        Path place = temp.resolve("refusing");
        Files.writeString(place, "not a folder");
        Findings refused = new Findings(
                place.resolve("book"), temp.resolve("handlers"), this::redact, clock, () -> "m" + marks++, () -> {});
        HandlerEvent event = new HandlerEvent(
                "1",
                "",
                "vmext.finding",
                "Error",
                "{\"v\":1,\"type\":\"fake-found\",\"subject\":\"/x\"}",
                "1",
                "1",
                "1");
        assertThatThrownBy(() -> refused.take(EXTENSION, List.of("1.json"), List.of(event)))
                .isInstanceOf(IOException.class);
        refused.accept(new FindingReport(
                "one", EXTENSION, "t", "s", FindingSeverity.LOW, false, "", Map.of(), clock.instant(), null));
        assertThat(refused.topic().next()).isEmpty();
        Files.delete(place);
        refused.take(EXTENSION, List.of("1.json"), List.of(event));
        FindingBatch batch =
                FindingBatch.decode(refused.topic().next().orElseThrow().data().toArray());
        assertThat(batch.items())
                .extracting(item -> item.report().type())
                .containsExactly("fake-found", "findings-lost");
        refused.close();
    }

    @Test
    void aPassCollectsTheFoldersOfThoseThatDeclare() throws IOException {
        Files.createDirectories(temp.resolve("handlers/silent/My.Silent-1.0.0"));
        List<String> collected = new ArrayList<>();
        FindingPickup pickup = findings.pickup(
                (extension, logs) -> collected.add(extension + " " + temp.relativize(logs)),
                temp.resolve("logs"),
                duration -> {});
        pickup.pass();
        assertThat(collected).containsExactly("vmext.Fake logs/vmext.Fake");
    }
}
