package dev.vmext.agent.rehearse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.PrivateMachine;
import dev.vmext.agent.run.Limits;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageWriter;
import dev.vmext.testkit.FakeExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Extensions that are broken in one way each, and one that is good. */
class RehearsalIT {
    @TempDir
    Path temp;

    private Path folder;
    private Path elsewhere;

    @BeforeEach
    void write() throws IOException {
        folder = FakeExtension.writeTo(temp.resolve("extension"), "1.0.0");
        elsewhere = Files.createDirectories(temp.resolve("elsewhere"));
    }

    private List<Result> play(String settings, String secret, String... only) throws Exception {
        Path zip = temp.resolve("extension.zip");
        new PackageWriter(ArchiveLimits.standard()).pack(folder, zip);
        Limits limits = new Limits(
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                1);
        List<Result> results = new ArrayList<>();
        boolean good = new Rehearsal(
                        new Order(
                                zip,
                                temp.resolve("rehearsal"),
                                "{" + settings + "}",
                                "{\"message\": \"new\"}",
                                secret,
                                List.of(only),
                                Map.of(elsewhere, "/elsewhere")),
                        new PrivateMachine.Parts(
                                Path.of("src/main/sh/run-handler").toAbsolutePath(),
                                Map.of("PATH", "/usr/bin:/bin"),
                                null,
                                limits,
                                InstantSource.system(),
                                new SecureRandom(),
                                Thread::sleep),
                        results::add)
                .play();
        assertThat(good).isEqualTo(results.stream().noneMatch(result -> result.word() == Result.Word.FAILED));
        return results;
    }

    private Result one(String settings, String scenario) throws Exception {
        return play(settings, "", scenario).getFirst();
    }

    @Test
    void aGoodExtensionPassesEveryScenario() throws Exception {
        List<Result> results = play("\"addFile\": \"" + elsewhere + "/added\"", "{\"token\": \"swordfish-42\"}");
        assertThat(results)
                .allSatisfy(result ->
                        assertThat(result.word()).as(result.toString()).isEqualTo(Result.Word.OK));
        assertThat(results).extracting(Result::scenario).containsExactlyElementsOf(Rehearsal.names());
        assertThat(temp.resolve("rehearsal"))
                .as("what was good needs no looking at")
                .isDirectoryNotContaining("glob:**/install");
    }

    @Test
    void tellsWhatStaysBehind() throws Exception {
        Result result = one("\"leaveBehind\": true, \"addFile\": \"" + elsewhere + "/added\"", "leftovers");
        assertThat(result.word()).isEqualTo(Result.Word.FAILED);
        assertThat(result.message()).contains("/elsewhere/added");
        assertThat(result.hint()).contains("keepsOnUninstall");
    }

    @Test
    void tellsWhyAnInstallationFails() throws Exception {
        Result result = one("\"installExit\": 9, \"installOutputBytes\": 5", "install");
        assertThat(result.word()).isEqualTo(Result.Word.FAILED);
        assertThat(result.message()).contains("exit code 9", "xxxxx");
    }

    @Test
    void tellsThatTheStatusIsBroken() throws Exception {
        assertThat(one("\"writeStatus\": \"broken\"", "status").message()).contains("status");
        assertThat(one("\"writeStatus\": \"bom\"", "status").message()).contains("has no version");
    }

    @Test
    void tellsThatAnUninstallFailsAlthoughTheRemovalGoesOn() throws Exception {
        assertThat(one("\"uninstallExit\": 4", "uninstall").message()).contains("exit code 4");
    }

    @Test
    void tellsThatACommandNeedsNearlyItsWholeDeadline() throws Exception {
        FakeExtension.extension(folder, "deadlines", "{\"enable\": 5}");
        Result result = one("\"enableSeconds\": 4.1", "deadlines");
        assertThat(result.word()).isEqualTo(Result.Word.FAILED);
        assertThat(result.message()).contains("enable");
    }

    @Test
    void tellsThatTooMuchIsPrinted() throws Exception {
        assertThat(one("\"enableOutputBytes\": 9000", "output").word()).isEqualTo(Result.Word.FAILED);
    }

    @Test
    void tellsThatASecretIsWrittenDown() throws Exception {
        Result result = play("\"message\": \"swordfish-42\"", "{\"token\": \"swordfish-42\"}", "secrets")
                .getFirst();
        assertThat(result.word()).isEqualTo(Result.Word.FAILED);
        assertThat(one("", "secrets").word()).isEqualTo(Result.Word.SKIPPED);
    }

    @Test
    void tellsThatAPackageIsNone() throws Exception {
        Files.writeString(folder.resolve("extension.json"), "{}");
        Path zip = temp.resolve("bad.zip");
        try (var out = new java.util.zip.ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new java.util.zip.ZipEntry("readme"));
        }
        List<Result> results = new ArrayList<>();
        Order order = new Order(zip, temp.resolve("rehearsal"), "{}", "{}", "", List.of(), Map.of());
        PrivateMachine.Parts parts = new PrivateMachine.Parts(
                temp, Map.of(), null, Limits.stretched(1), InstantSource.system(), new SecureRandom(), Thread::sleep);
        assertThat(new Rehearsal(order, parts, results::add).play()).isFalse();
        assertThat(results.getFirst().message()).contains("HandlerManifest.json");
    }
}
