package dev.vmext.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FakeExtensionTest {
    @TempDir
    private Path root;

    private Path base;
    private Path output;

    @BeforeEach
    void layOutTheContractsFolders() throws Exception {
        base = FakeExtension.writeTo(root.resolve("motd/vmext.Fake-1.2.3"), "1.2.3");
        Files.createDirectories(base.resolve("config"));
        Files.createDirectories(base.resolve("status"));
        output = root.resolve("output");
    }

    private Process start(String command, String settings) throws IOException {
        Files.writeString(
                base.resolve("config/7.settings"), """
                {"runtimeSettings": [{"handlerSettings": {"publicSettings": {%s"traceDir": "%s"}, "protectedSettings": null}}]}""".formatted(settings.isEmpty() ? "" : settings + ", ", root));
        ProcessBuilder builder = new ProcessBuilder(base + "/bin/handler", command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("ConfigSequenceNumber", "7");
        builder.environment().put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.2.3");
        return builder.start();
    }

    private int run(String command, String settings) throws Exception {
        Process process = start(command, settings);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private Path status() {
        return base.resolve("status/7.status");
    }

    @Test
    void notesEachCall() throws Exception {
        assertThat(run("install", "")).isZero();
        assertThat(run("enable", "")).isZero();
        assertThat(FakeExtension.calls(root))
                .hasSize(4)
                .element(0)
                .asString()
                .startsWith("begin install seq=7 version=1.2.3 installation=motd pid=");
        assertThat(FakeExtension.calls(root)).endsWith("end enable seq=7 version=1.2.3 installation=motd exit=0");
        assertThat(Files.readString(base.resolve("extension.json"))).contains("\"version\": \"1.2.3\"");
    }

    @Test
    void itsScriptForFindingsIsTheOneThatIsShipped() throws IOException {
        assertThat(base.resolve("bin/vmext-finding"))
                .hasSameTextualContentAs(Path.of("../extension-kit/src/main/sh/vmext-finding"))
                .isExecutable();
    }

    @Test
    void findsWhatItIsToldToFind() throws Exception {
        Path events = Files.createDirectories(root.resolve("events"));
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"handlerEnvironment": {"statusFolder": "%s/status", "eventsFolder": "%s"}}]""".formatted(base, events));
        run("enable", "\"finding\": \"/tmp/x\"");
        try (var files = Files.list(events)) {
            assertThat(files)
                    .singleElement()
                    .satisfies(file ->
                            assertThat(file).content().contains("vmext.finding", "fake-found", "/tmp/x", "motd"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"install", "enable", "update", "disable", "uninstall"})
    void endsWithTheWantedExitCode(String command) throws Exception {
        assertThat(run(command, "\"" + command + "Exit\": 9")).isEqualTo(9);
        assertThat(run(command, "")).isZero();
    }

    @ParameterizedTest
    @CsvSource({"success", "error", "transitioning"})
    void writesTheWantedStatus(String level) throws Exception {
        run("enable", "\"writeStatus\": \"" + level + "\", \"message\": \"hello there\"");
        assertThat(status()).content().contains("\"status\": \"" + level + "\"", "\"message\": \"hello there\"");
    }

    @Test
    void writesNoStatusOrABadOne() throws Exception {
        run("enable", "\"writeStatus\": \"none\"");
        assertThat(status()).doesNotExist();
        run("enable", "\"writeStatus\": \"broken\"");
        assertThat(status()).content().endsWith("\"succ");
        run("enable", "\"writeStatus\": \"huge\"");
        assertThat(Files.size(status())).isGreaterThan(128 * 1024);
    }

    @Test
    void writesAsMuchAsWanted() throws Exception {
        run("enable", "\"outputBytes\": 100000");
        assertThat(Files.size(output)).isEqualTo(100_000);
    }

    @Test
    void leavesAProcessBehind() throws Exception {
        assertThat(run("enable", "\"daemonise\": true")).isZero();
        long pid = Long.parseLong(Files.readString(root.resolve("daemon.pid")).strip());
        ProcessHandle daemon = ProcessHandle.of(pid).orElseThrow();
        assertThat(daemon.isAlive()).isTrue();
        daemon.destroyForcibly();
    }

    @Test
    void takesItsTimeAndIgnoresTheRequestToEnd() throws Exception {
        Process process = start("enable", "\"enableSeconds\": 600, \"ignoreTerm\": true");
        while (!Files.exists(status())) {
            Thread.onSpinWait();
        }
        process.destroy();
        assertThat(process.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
    }

    @Test
    void failsAsOftenAsWantedAndThenWorks() throws Exception {
        assertThat(run("install", "\"installFailTimes\": 2, \"installExit\": 9"))
                .isEqualTo(9);
        assertThat(run("install", "\"installFailTimes\": 2")).isEqualTo(1);
        assertThat(run("install", "\"installFailTimes\": 2, \"installExit\": 9"))
                .isZero();
    }

    @Test
    void endsItselfWithASignal() throws Exception {
        assertThat(run("disable", "\"disableSignal\": \"SEGV\"")).isEqualTo(128 + 11);
    }

    @Test
    void aFileCountsMoreThanASetting() throws Exception {
        FakeExtension.steer(root, "updateExit", "5");
        assertThat(run("update", "\"updateExit\": 3")).isEqualTo(5);
        FakeExtension.release(root, "updateExit");
        assertThat(run("update", "\"updateExit\": 3")).isEqualTo(3);
    }

    @Test
    void leavesBehindWhatItIsTold() throws Exception {
        String settings = "\"addFile\": \"" + root.resolve("added/file") + "\"";
        run("install", settings);
        assertThat(root.resolve("added/file")).exists();
        run("uninstall", settings + ", \"leaveBehind\": true");
        assertThat(root.resolve("added/file")).exists();
        run("uninstall", settings);
        assertThat(root.resolve("added/file")).doesNotExist();
    }

    @Test
    void changesFilesTakesMemoryAsksForARestartAndBeats() throws Exception {
        Path file = Files.writeString(root.resolve("file"), "as it was\n");
        run(
                "enable",
                "\"enableChangeFile\": \"" + file
                        + "\", \"enableLeakMiB\": 2, \"enableReboot\": \"new kernel\", \"heartbeat\": \"notready\"");
        assertThat(file).hasContent("as it was\nchanged by vmext.Fake");
        assertThat(Files.readString(output)).contains("2097152");
        assertThat(base.resolve("config/reboot-required")).hasContent("new kernel");
        assertThat(base.resolve("heartbeat.log")).content().contains("\"status\": \"notready\"");
    }

    @Test
    void becomesAnotherKindOfPackage() throws Exception {
        Path folder = FakeExtension.writeTo(root.resolve("other"), "2.0.0");
        FakeExtension.manifest(folder, "reportHeartbeat", "\"true\"");
        FakeExtension.withoutExtensionJson(folder, "2.0.0");
        assertThat(folder.resolve("HandlerManifest.json")).content().contains("\"reportHeartbeat\": \"true\"");
        assertThat(folder.resolve("manifest.xml")).content().contains("<Type>Fake</Type>", "<Version>2.0.0</Version>");
        assertThat(folder.resolve("extension.json")).doesNotExist();
    }

    @Test
    void refusesOtherCommands() throws Exception {
        assertThat(run("dance", "")).isEqualTo(2);
    }
}
