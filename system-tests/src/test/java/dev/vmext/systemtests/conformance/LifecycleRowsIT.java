package dev.vmext.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.testkit.FakeExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** azure-contract 1.10 states, 1.11 lifecycle, 1.12 retries, 1.14 several configurations, 1.15 order, 1.18 events. */
class LifecycleRowsIT extends StagedTest {
    private Path record(String version, String name) {
        return stage.base(version).resolve("config").resolve(name);
    }

    @Test
    @Row({"1.10-HandlerState", "1.10-HandlerStatus", "1.10-ready", "1.11-fresh"})
    void aFreshInstallationGoesFromNotInstalledToEnabled() throws Exception {
        stage.steer("installExit", "3");
        stage.want(stage.fake("1.0.0"), "");
        stage.failure();
        assertThat(record("1.0.0", "HandlerState")).hasContent("NotInstalled");
        stage.release("installExit");
        stage.raise();
        stage.steer("enableExit", "3");
        stage.want(stage.fake("1.0.0"), "");
        stage.failure();
        assertThat(record("1.0.0", "HandlerState")).hasContent("Installed");
        stage.release("enableExit");
        stage.raise();
        stage.install(stage.fake("1.0.0"), "");
        assertThat(record("1.0.0", "HandlerState")).hasContent("Enabled");
        assertThat(record("1.0.0", "HandlerStatus"))
                .hasContent(
                        "{\"name\": \"vmext.Fake\", \"version\": \"1.0.0\", \"status\": \"Ready\", \"code\": 0, "
                                + "\"message\": \"Plugin enabled\", \"supports_multi_config\": false, \"extension_status\": null}");
    }

    @Test
    @Row({"1.11-same-version", "1.12-no-retry"})
    void newSettingsOnlyEnableAndAFailureIsNotRetriedByItself() throws Exception {
        PackageOffer offer = stage.fake("1.0.0");
        stage.install(offer, "");
        stage.raise();
        stage.steer("enableExit", "4");
        stage.want(offer, "");
        stage.failure();
        stage.machine.push(); // the same once more
        stage.failure();
        assertThat(stage.calls())
                .containsExactly(
                        "install seq=0 version=1.0.0", "enable seq=0 version=1.0.0", "enable seq=1 version=1.0.0");
    }

    @Test
    @Row({"1.11-1", "1.11-2", "1.11-3", "1.11-4", "1.11-5", "1.11-6", "1.11-8", "1.11-9"})
    void anUpdateGoesInTheOrderOfTheContract() throws Exception {
        stage.install(stage.fake("1.0.0"), "\"message\": \"old\"");
        Path next = stage.folder("2.0.0");
        Stage.script(
                next,
                "bin/look",
                "cat mrseq > " + stage.trace + "/copied\ncat status/0.status >> " + stage.trace + "/copied\nls .. > "
                        + stage.trace + "/beside\nexec bin/handler update\n");
        FakeExtension.manifest(next, "updateCommand", "\"bin/look\"");
        stage.install(stage.offer(next, "2.0.0"), "\"message\": \"old\"");
        assertThat(stage.calls())
                .containsExactly(
                        "install seq=0 version=1.0.0",
                        "enable seq=0 version=1.0.0",
                        "disable seq=0 version=1.0.0",
                        "update seq=0 version=2.0.0",
                        "uninstall seq=0 version=1.0.0",
                        "install seq=0 version=2.0.0",
                        "enable seq=0 version=2.0.0");
        assertThat(stage.trace.resolve("copied")).content().startsWith("0\n").contains("\"message\": \"old\"");
        assertThat(stage.trace.resolve("beside")).content().contains("vmext.Fake-1.0.0", "vmext.Fake-2.0.0");
        assertThat(stage.base("1.0.0")).doesNotExist();
    }

    @Test
    @Row({"1.11-downgrade", "1.5-downgrade"})
    void aDowngradeIsDoneByTheHigherPackage() throws Exception {
        stage.install(stage.fake("2.0.0"), "");
        stage.install(stage.fake("1.0.0"), "");
        assertThat(stage.calls())
                .containsSubsequence(
                        "disable seq=0 version=2.0.0",
                        "update seq=0 version=2.0.0",
                        "uninstall seq=0 version=2.0.0",
                        "install seq=0 version=1.0.0");
        assertThat(stage.environment(HandlerCommand.UPDATE, "2.0.0"))
                .containsEntry("VERSION", "1.0.0")
                .containsEntry("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0")
                .containsEntry("AZURE_GUEST_AGENT_EXTENSION_VERSION", "2.0.0");
    }

    @Test
    @Row({"1.11-update-fails", "1.10-FailedUpgrade"})
    void afterAFailedUpdateTheOldVersionRunsAgain() throws Exception {
        stage.install(stage.fake("1.0.0"), "");
        stage.steer("updateExit", "6");
        stage.want(stage.fake("2.0.0"), "");
        InstallationStatus status = stage.until(InstallationState.RETURNED);
        assertThat(status.version()).isEqualTo("1.0.0");
        assertThat(Objects.requireNonNull(status.cause()).evidence()).containsEntry("exitCode", "6");
        assertThat(stage.calls()).endsWith("enable seq=0 version=1.0.0");
    }

    @Test
    @Row({"1.11-uninstall", "1.10-gone"})
    void aRemovalDisablesUninstallsAndForgets() throws Exception {
        stage.install(stage.fake("1.0.0"), "");
        stage.steer("uninstallExit", "9");
        stage.wantGone();
        stage.until(InstallationState.REMOVED);
        assertThat(stage.calls()).endsWith("disable seq=0 version=1.0.0", "uninstall seq=0 version=1.0.0");
        assertThat(stage.root.resolve("var/lib/vmext/handlers/" + Stage.NAME)).doesNotExist();
    }

    @Test
    @Row("1.11-disable-must-succeed")
    void aFailedDisableStopsARemoval() throws Exception {
        stage.install(stage.fake("1.0.0"), "");
        stage.steer("disableExit", "9");
        stage.wantGone();
        assertThat(stage.failure().step()).isEqualTo("disable");
        assertThat(stage.base("1.0.0")).isDirectory();
        assertThat(record("1.0.0", "HandlerStatus")).content().contains("\"code\": 1010");
    }

    @Test
    @Row("1.11-absent")
    void whatIsNotNamedAnyMoreStaysAsItIs() throws Exception {
        stage.install(stage.fake("1.0.0"), "");
        stage.machine.want("other", stage.fake("1.0.0"), 0, "{}", null);
        stage.machine.leaveOut(Stage.NAME);
        stage.machine.push();
        stage.machine.until("other", status -> status.state() == InstallationState.READY, Stage.LONG);
        assertThat(stage.base("1.0.0")).isDirectory();
    }

    @Test
    @Row("1.11-reboot")
    void enableRunsAgainOncePerBoot() throws Exception {
        stage.install(stage.fake("1.0.0"), "");
        stage.machine.restartAgent();
        stage.machine.push();
        stage.ready();
        assertThat(stage.calls()).hasSize(2);
        stage.machine.reboot();
        stage.machine.push();
        stage.machine.until(Stage.NAME, status -> status.healthy() && enabled() == 2, Stage.LONG);
        assertThat(stage.calls()).hasSize(3);
    }

    private long enabled() {
        try {
            return stage.calls().stream()
                    .filter(call -> call.startsWith("enable"))
                    .count();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Row("1.4-agent-killed")
    void aCommandOutlivesItsAgentAndIsCountedOnce(HandlerCommand command) throws Exception {
        stage.steer(command.text() + "Seconds", "0.5");
        PackageOffer first = stage.fake("1.0.0");
        stage.want(first, "");
        if (command != HandlerCommand.INSTALL && command != HandlerCommand.ENABLE) {
            stage.ready();
            if (command == HandlerCommand.UPDATE) {
                stage.want(stage.fake("2.0.0"), "");
            } else {
                stage.wantGone();
            }
        }
        stage.machine.untilBegun(Stage.NAME, command, Stage.LONG);
        stage.machine.restartAgent();
        boolean removal = command == HandlerCommand.DISABLE || command == HandlerCommand.UNINSTALL;
        stage.until(removal ? InstallationState.REMOVED : InstallationState.READY);
        assertThat(stage.calls().stream().filter(call -> call.startsWith(command.text() + " ")))
                .hasSize(1);
    }

    @Test
    @Row({"1.14-files", "1.14-state", "1.5-multi-config", "1.1-command-log-multi"})
    void aMultiConfigHandlerFindsItsFilesUnderItsName() throws Exception {
        Path folder = stage.azureFolder("1.0.0");
        FakeExtension.manifest(folder, "supportsMultipleExtensions", "\"true\"");
        stage.install(stage.offer(folder, "1.0.0"), "");
        Path base = stage.base("1.0.0");
        assertThat(base.resolve("config/fake_1.0.settings")).exists();
        assertThat(base.resolve("status/fake_1.0.status")).exists();
        assertThat(base.resolve("config/fake_1.HandlerState")).hasContent("enabled");
        assertThat(stage.environment(HandlerCommand.ENABLE, "1.0.0")).containsEntry("ConfigExtensionName", "fake_1");
        assertThat(stage.logs().resolve("CommandExecution_fake_1.log")).exists();
        Path next = stage.azureFolder("2.0.0");
        FakeExtension.manifest(next, "supportsMultipleExtensions", "true");
        stage.install(stage.offer(next, "2.0.0"), "");
        assertThat(stage.environment(HandlerCommand.UPDATE, "2.0.0"))
                .containsEntry(
                        "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODES_MULTIPLE_EXTENSIONS",
                        "[{\"extensionName\": \"fake_1\", \"exitCode\": \"0\"}]")
                .doesNotContainKey("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE");
    }

    @Test
    @Row("1.1-command-log")
    void aHandlerThatIsThereOnceHasOneLogOfCalls() throws Exception {
        stage.install(stage.offer(stage.azureFolder("1.0.0"), "1.0.0"), "");
        assertThat(stage.logs().resolve("CommandExecution.log")).exists();
    }

    @Test
    @Row("1.14-enable-fails")
    void aFailedConfigurationIsToldInItsOwnStatusFile() throws Exception {
        Path folder = stage.azureFolder("1.0.0");
        FakeExtension.manifest(folder, "supportsMultipleExtensions", "true");
        stage.want(stage.offer(folder, "1.0.0"), "\"writeStatus\": \"none\", \"enableExit\": 5");
        stage.failure();
        assertThat(stage.base("1.0.0").resolve("status/fake_1.0.status"))
                .content()
                .contains("\"status\": \"error\", \"code\": 1009");
        assertThat(record("1.0.0", "HandlerStatus")).content().contains("Plugin installed but not enabled");
    }

    @Test
    @Row({"1.15-waits", "1.15-failed"})
    void whatDependsWaitsAndIsNotStartedWhenTheOtherFails() throws Exception {
        stage.steer("enableSeconds", "0.5");
        PackageOffer offer = stage.fake("1.0.0");
        stage.machine.want("later", offer, 0, "{}", null, List.of(Stage.NAME), Terms.NONE);
        stage.want(offer, "");
        stage.machine.until("later", status -> status.state() == InstallationState.BLOCKED, Stage.LONG);
        stage.machine.until("later", status -> status.state() == InstallationState.READY, Stage.LONG);
        assertThat(Objects.requireNonNull(stage.machine.last(Stage.NAME)).healthy())
                .isTrue();
        stage.raise();
        stage.steer("enableExit", "1");
        stage.machine.want("later", offer, 1, "{}", null, List.of(Stage.NAME), Terms.NONE);
        stage.want(offer, "");
        stage.failure();
        InstallationStatus blocked =
                stage.machine.until("later", status -> status.state() == InstallationState.BLOCKED, Stage.LONG);
        assertThat(Objects.requireNonNull(blocked.cause()))
                .satisfies(cause -> assertThat(cause.kind()).isEqualTo(CauseClass.DEPENDENCY))
                .satisfies(cause -> assertThat(cause.message()).contains(Stage.NAME));
    }

    @Test
    @Row("1.11-others")
    void aFailureStopsNobodyElse() throws Exception {
        PackageOffer offer = stage.fake("1.0.0");
        stage.machine.want("other", offer, 0, "{}", null);
        stage.want(offer, "\"enableExit\": 1");
        stage.failure();
        stage.machine.until("other", status -> status.state() == InstallationState.READY, Stage.LONG);
    }

    @Test
    @Row({"1.18-collected", "1.18-deleted", "1.18-kept"})
    void eventsAreCollectedKeptAndDeleted() throws Exception {
        stage.install(stage.fake("1.0.0"), "\"events\": 3");
        assertThat(stage.logs().resolve("events")).isEmptyDirectory();
        assertThat(Files.readAllLines(stage.root.resolve("var/lib/vmext/events/vmext.Fake.jsonl")))
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("\"message\": \"event "));
    }
}
