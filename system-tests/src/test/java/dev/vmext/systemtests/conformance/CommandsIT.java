package dev.vmext.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.testkit.FakeExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** azure-contract 1.4 how a command is run, 1.5 what it sees. */
class CommandsIT extends StagedTest {
    @Test
    @Row({"1.4-1", "1.4-2"})
    void aCommandIsShellTextJoinedToItsFolderAndRunsThereInASessionOfItsOwn() throws Exception {
        Path folder = stage.folder("1.0.0");
        FakeExtension.manifest(
                folder,
                "installCommand",
                "\"//bin/handler install && pwd > where && ps -o pid=,sid= -p $$ > session; echo done > $(echo made)\"");
        stage.install(stage.offer(folder, "1.0.0"), "");
        Path base = stage.base("1.0.0");
        assertThat(base.resolve("where")).hasContent(base.toRealPath().toString());
        assertThat(base.resolve("made")).hasContent("done");
        String[] session = Files.readString(base.resolve("session")).strip().split("\\s+", -1);
        assertThat(session[1]).as("not our session").isNotEqualTo(ownSession());
    }

    private static String ownSession() throws Exception {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3];
    }

    @Test
    @Row("1.4-4")
    void whatACommandLeavesRunningStaysAfterANormalExit() throws Exception {
        stage.install(stage.fake("1.0.0"), "\"daemonise\": true");
        ProcessHandle daemon = ProcessHandle.of(Long.parseLong(
                        Files.readString(stage.trace.resolve("daemon.pid")).strip()))
                .orElseThrow();
        assertThat(daemon.isAlive()).isTrue();
        daemon.destroyForcibly();
    }

    @ParameterizedTest
    @CsvSource({"install, 1007", "enable, 1009"})
    @Row({"1.4-5", "1.4-codes", "1.10-failed"})
    void anExitCodeIsQuotedWithItsOutput(String command, int code) throws Exception {
        stage.want(stage.fake("1.0.0"), "\"" + command + "Exit\": 51, \"" + command + "OutputBytes\": 9000");
        Cause cause = stage.failure();
        assertThat(cause.evidence()).containsEntry("exitCode", "51");
        assertThat(cause.step()).isEqualTo(command);
        String record = Files.readString(stage.base("1.0.0").resolve("config/HandlerStatus"));
        assertThat(record)
                .contains(
                        "\"status\": \"NotReady\", \"code\": " + code + ", \"message\": \"Non-zero exit code: 51, "
                                + stage.base("1.0.0") + "/bin/handler " + command + "\\n[stdout]\\nxxx",
                        "xxx\\n\\n[stderr]\\n\"");
        String message = record.substring(record.indexOf("Non-zero"), record.indexOf("\", \"supports"));
        assertThat(message.replace("\\n", "\n")).hasSize(3200);
    }

    @Test
    @Row({"1.4-6", "1.4-timeouts-declared"})
    void atItsDeadlineACommandIsKilledWithAllItStarted() throws Exception {
        Path folder = stage.folder("1.0.0");
        FakeExtension.extension(folder, "deadlines", "{\"install\": 1}");
        Stage.script(folder, "bin/slow", "trap '' TERM\nsleep 321 & echo $! > " + stage.trace + "/child\nwait\n");
        FakeExtension.manifest(folder, "installCommand", "\"bin/slow\"");
        stage.want(stage.offer(folder, "1.0.0"), "");
        InstallationStatus status = stage.until(InstallationState.TIMED_OUT);
        assertThat(Objects.requireNonNull(status.cause()).kind()).isEqualTo(CauseClass.TIMEOUT);
        long child =
                Long.parseLong(Files.readString(stage.trace.resolve("child")).strip());
        assertThat(Stage.runs(child)).isFalse();
        assertThat(stage.base("1.0.0").resolve("config/HandlerStatus"))
                .content()
                .contains("\"code\": 1011");
    }

    @Test
    @Row("1.4-timeouts")
    void deadlinesAreThoseOfTheTableWherePackageAndOperatorSayNothing() {
        assertThat(List.of(HandlerCommand.values()))
                .extracting(command ->
                        command.text() + " " + command.defaultDeadline().toSeconds())
                .containsExactly("install 900", "enable 300", "update 900", "disable 900", "uninstall 300");
    }

    @Test
    @Row("1.4-timeouts-operator")
    void anOperatorsDeadlineCountsMoreThanThePackages() throws Exception {
        stage.want(
                stage.fake("1.0.0"),
                "\"enableHang\": true, \"ignoreTerm\": true",
                new Terms(null, Map.of("enable", Duration.ofSeconds(1)), List.of()));
        Cause cause =
                Objects.requireNonNull(stage.until(InstallationState.TIMED_OUT).cause());
        assertThat(cause.step()).isEqualTo("enable");
        assertThat(cause.evidence()).containsEntry("seconds", "1");
    }

    @Test
    @Row("1.4-7")
    void theLogOfCallsHasCommandVariablesAndOutput() throws Exception {
        stage.install(stage.fake("1.0.0"), "\"installOutputBytes\": 5");
        assertThat(stage.callLog())
                .containsSubsequence(
                        "Executing command: " + stage.base("1.0.0")
                                + "/bin/handler install with environment variables: {",
                        "\"ConfigSequenceNumber\": \"0\"",
                        "[stdout]\nxxxxx\n",
                        "ended with exit code 0",
                        "/bin/handler enable with environment")
                .doesNotContain("hunter2");
    }

    @Test
    @Row("1.4-output")
    void aHundredMegabytesOfOutputAreCutEverywhere() throws Exception {
        stage.want(stage.fake("1.0.0"), "\"installOutputBytes\": 100000000");
        stage.ready();
        assertThat(Files.size(stage.logs().resolve("CommandExecution_fake_1.log")))
                .isLessThan(100_000);
        assertThat(Objects.requireNonNull(stage.last()).output()).hasSizeLessThanOrEqualTo(4096);
    }

    @Test
    @Row("1.4-crash")
    void aSignalIsToldAsTheShellTellsIt() throws Exception {
        stage.want(stage.fake("1.0.0"), "\"enableSignal\": \"SEGV\"");
        assertThat(stage.failure().evidence()).containsEntry("exitCode", "139");
    }

    @Test
    @Row({"1.5-always", "1.5-install-enable", "1.5-disable-uninstall", "1.5-agents-own"})
    void everyCommandSeesItsVariables() throws Exception {
        stage.install(stage.fake("1.0.0"), "");
        stage.wantGone();
        stage.until(InstallationState.REMOVED);
        for (HandlerCommand command : List.of(
                HandlerCommand.INSTALL, HandlerCommand.ENABLE, HandlerCommand.DISABLE, HandlerCommand.UNINSTALL)) {
            Map<String, String> seen = stage.environment(command, "1.0.0");
            assertThat(seen)
                    .as(command.text())
                    .containsEntry(
                            "AZURE_GUEST_AGENT_EXTENSION_PATH",
                            stage.base("1.0.0").toString())
                    .containsEntry("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0")
                    .containsEntry("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS", "127.0.0.1")
                    .containsEntry("ConfigSequenceNumber", "0")
                    .containsEntry(
                            "AZURE_GUEST_AGENT_EXTENSION_SUPPORTED_FEATURES",
                            "[{\"Key\": \"ExtensionTelemetryPipeline\", \"Value\": \"1.0\"}]")
                    .containsEntry("http_proxy", "http://user:hunter2@proxy")
                    .doesNotContainKeys("ConfigExtensionName", "VERSION", "JAVA_HOME");
            boolean starts = command == HandlerCommand.INSTALL || command == HandlerCommand.ENABLE;
            assertThat(seen.get("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE")).isEqualTo(starts ? "NOT_RUN" : null);
        }
    }

    @Test
    @Row("1.5-update")
    void anUpdateSeesBothVersionsAndTheExitCodesBeforeIt() throws Exception {
        Path next = stage.folder("2.0.0");
        FakeExtension.manifest(next, "continueOnUpdateFailure", "true");
        stage.install(stage.fake("1.0.0"), "\"disableExit\": 7, \"uninstallExit\": 8");
        PackageOffer offer = stage.offer(next, "2.0.0");
        stage.install(offer, "\"disableExit\": 7, \"uninstallExit\": 8");
        assertThat(stage.environment(HandlerCommand.UPDATE, "2.0.0"))
                .containsEntry("VERSION", "2.0.0")
                .containsEntry("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0")
                .containsEntry("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", "7");
        for (HandlerCommand command : List.of(HandlerCommand.INSTALL, HandlerCommand.ENABLE)) {
            assertThat(stage.environment(command, "2.0.0"))
                    .containsEntry("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", "8");
        }
    }
}
