package dev.vmext.extensionkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FindingsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

    @TempDir
    private Path folder;

    private Findings findings() {
        return Findings.in(folder, "av", CLOCK);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.sorted().toList();
        }
    }

    private static Json.Obj message(Path file) throws IOException {
        Json.Obj event = (Json.Obj) Json.parse(Files.readString(file));
        assertThat(event.fields().keySet())
                .containsExactly(
                        "Version",
                        "Timestamp",
                        "TaskName",
                        "EventLevel",
                        "Message",
                        "EventPid",
                        "EventTid",
                        "OperationId");
        assertThat(event.find("TaskName")).contains(new Json.Str("vmext.finding"));
        String text = ((Json.Str) event.find("Message").orElseThrow()).value();
        assertThat(text.length()).isLessThanOrEqualTo(3072);
        return (Json.Obj) Json.parse(text);
    }

    @Test
    void aFindingIsAnEventWithItsOwnTask() throws Exception {
        Findings findings = findings();
        findings.hide(Redactor.forSettings(Json.parse("{\"t\": \"hunter2\"}")));
        assertThat(findings.open(Finding.of("malware-found", "/home/a/\"x\"\n")
                        .withSeverity(Finding.Severity.CRITICAL)
                        .withTitle("by hunter2")
                        .withEvidence("signature", "Eicar")))
                .isTrue();
        assertThat(findings.resolved("malware-found", "/tmp/y")).isTrue();
        assertThat(message(files().getFirst()).text()).isEqualTo("""
                {"v":1,"type":"malware-found","subject":"/home/a/\\"x\\"\uFFFD","state":"open","severity":"critical",\
                "installation":"av","at":"2026-01-01T00:00:00Z","title":"by ***","evidence":{"signature":"Eicar"}}""");
        assertThat(message(files().getLast()).find("state")).contains(new Json.Str("resolved"));
    }

    @Test
    void tooMuchIsCutAndStaysJson() throws Exception {
        Finding finding = Finding.of("t", "\u0001".repeat(600)).withTitle("é".repeat(300));
        for (int i = 0; i < 20; i++) {
            finding = finding.withEvidence("name" + i, "x".repeat(600));
        }
        findings().open(finding);
        Json.Obj message = message(files().getFirst());
        assertThat(message.find("subject")).contains(new Json.Str("\uFFFD".repeat(512)));
        assertThat(message.find("title")).contains(new Json.Str("é".repeat(200)));
    }

    @Test
    void aMissingFolderIsNoReasonToFail() {
        assertThat(Findings.in(folder.resolve("none"), "av", CLOCK).resolved("t", "s"))
                .isFalse();
    }

    @Test
    void theScriptWritesWhatTheLibraryWrites() throws Exception {
        assertThat(script(
                        folder.toString(),
                        "malware-found",
                        "/home/ü/\"quoted\\\" \n\t\u0001 € 😀 $(id) %s",
                        "--severity",
                        "high",
                        "--title",
                        "it's",
                        "--evidence",
                        "a=b=c",
                        "--evidence",
                        "empty="))
                .isEmpty();
        assertThat(files()).singleElement().satisfies(file -> {
            assertThat(file.getFileName().toString()).matches("[0-9]{23}\\.json");
            Json.Obj message = message(file);
            assertThat(message.find("subject")).contains(new Json.Str("/home/ü/\"quoted\\\" \n\t\u0001 € 😀 $(id) %s"));
            assertThat(message.find("severity")).contains(new Json.Str("high"));
            assertThat(message.find("title")).contains(new Json.Str("it's"));
            assertThat(message.find("evidence"))
                    .contains(Json.object().with("a", "b=c").with("empty", ""));
        });
    }

    @Test
    void theScriptReplacesWhatIsNoUtf8() throws Exception {
        Path caller = folder.resolveSibling(folder.getFileName() + "-caller");
        Files.writeString(caller, "exec \"$1\" \"$2\" t \"$(printf 'a\\377\\303(\\355\\240\\200\\360\\237\\230')\"\n");
        Process process = new ProcessBuilder("sh", caller.toString(), SCRIPT, folder.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        String subject = ((Json.Str) message(files().getFirst()).find("subject").orElseThrow()).value();
        assertThat(subject).matches("a\uFFFD\uFFFD\\(\uFFFD+");
        Files.delete(caller);
    }

    @Test
    void theScriptRefusesWhatTheAgentWouldDrop() throws Exception {
        String place = folder.toString();
        assertThat(script(place, "Bad Type", "s")).contains("the type must be");
        assertThat(script(place, "t", "")).contains("the subject is empty");
        assertThat(script(place, "t", "ü".repeat(512))).isEmpty();
        assertThat(script(place, "t", "ü".repeat(513))).contains("subject is longer than 512");
        assertThat(script(place, "t", "s", "--severity", "dire")).contains("no severity dire");
        assertThat(script(place, "t", "s", "--evidence", "novalue")).contains("NAME=TEXT");
        assertThat(script(place, "t", "s", "--what")).contains("--what");
        assertThat(script(place + "/none", "t", "s")).contains("no folder");
        List<String> much = new ArrayList<>(List.of(place, "t", "s"));
        for (int i = 0; i < 7; i++) {
            much.addAll(List.of("--evidence", "e" + i + "=" + "x".repeat(500)));
        }
        assertThat(script(much.toArray(String[]::new))).contains("3072");
        assertThat(files()).hasSize(1);
    }

    @Test
    void manyScriptsAtOnceLoseNothing() throws Exception {
        List<Process> running = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            running.add(new ProcessBuilder(SCRIPT, folder.toString(), "t", "subject " + i)
                    .inheritIO()
                    .start());
        }
        for (Process process : running) {
            assertThat(process.waitFor()).isZero();
        }
        assertThat(files()).hasSize(24);
    }

    private static final String SCRIPT =
            Path.of("src/main/sh/vmext-finding").toAbsolutePath().toString();

    /** What it said. */
    private static String script(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(SCRIPT));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor() == 0).isEqualTo(said.isEmpty());
        return said;
    }
}
