package dev.vmext.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.testkit.FakeExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** azure-contract 1.3: every field of HandlerManifest.json. */
class ManifestIT extends StagedTest {
    private PackageOffer with(String field, String json, String version) throws Exception {
        Path folder = stage.folder(version);
        FakeExtension.manifest(folder, field, json);
        return stage.offer(folder, version);
    }

    @Test
    @Row("1.3-missing-command")
    void aMissingCommandFailsOnlyTheOperationThatNeedsIt() throws Exception {
        Path folder = stage.folder("1.0.0");
        FakeExtension.manifest(folder, "disableCommand", "\"\"");
        // Our own pack refuses it; packages made by others exist.
        stage.install(stage.foreign(folder, "1.0.0"), "");
        stage.wantGone();
        Cause cause = stage.failure();
        assertThat(cause.kind()).isEqualTo(CauseClass.PACKAGE);
        assertThat(cause.message()).contains("disableCommand");
    }

    @Test
    @Row("1.3-rebootAfterInstall")
    void rebootAfterInstallIsIgnored() throws Exception {
        stage.install(with("rebootAfterInstall", "true", "1.0.0"), "");
        assertThat(stage.calls()).containsExactly("install seq=0 version=1.0.0", "enable seq=0 version=1.0.0");
    }

    @ParameterizedTest
    @CsvSource({"UPDATEWITHINSTALL, true", "UpdateWithoutInstall, false", "odd, false"})
    @Row({"1.3-updateMode", "1.11-7"})
    void updateModeDecidesWhetherAnUpdateInstalls(String mode, boolean installs) throws Exception {
        stage.install(stage.fake("1.0.0"), "");
        stage.install(with("updateMode", "\"" + mode + "\"", "2.0.0"), "");
        assertThat(stage.calls().contains("install seq=0 version=2.0.0")).isEqualTo(installs);
        assertThat(stage.base("2.0.0").resolve("config/HandlerState")).hasContent("Enabled");
    }

    @ParameterizedTest
    @CsvSource({"false, false", "'\"false\"', false", "1, false", "true, true", "'\"True\"', true"})
    @Row({"1.3-booleans", "1.3-supportsMultipleExtensions"})
    void flagsMayBeTexts(String json, boolean multiple) throws Exception {
        // "false" is what the fake has; anything else is written over it.
        Path folder = stage.folder("1.0.0");
        if (!json.equals("false")) {
            FakeExtension.manifest(folder, "supportsMultipleExtensions", json);
        }
        stage.install(stage.offer(folder, "1.0.0"), "");
        assertThat(stage.base("1.0.0").resolve("config").resolve((multiple ? "fake_1." : "") + "0.settings"))
                .exists();
    }

    @Test
    @Row("1.3-unknown")
    void unknownFieldsAreIgnored() throws Exception {
        Path folder = stage.folder("1.0.0");
        Path file = folder.resolve("HandlerManifest.json");
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceFirst("\"version\": 1.0,", "\"version\": \"7\", \"supportsPolicy\": [1],")
                        .replaceFirst("\"installCommand\"", "\"resetStateCommand\": \"x\", \"installCommand\""));
        stage.install(stage.offer(folder, "1.0.0"), "");
    }

    @Test
    @Row("1.3-continueOnUpdateFailure")
    void aFailureOfTheOldVersionStopsTheUpdateUnlessTheNewOneGoesOn() throws Exception {
        stage.install(stage.fake("1.0.0"), "");
        stage.steer("disableExit", "7");
        stage.want(stage.fake("2.0.0"), "");
        stage.machine.until(
                Stage.NAME,
                status -> status.state() == InstallationState.RETURNED || status.state() == InstallationState.FAILED,
                Stage.LONG);
        assertThat(stage.calls()).noneMatch(call -> call.startsWith("update"));
        stage.install(with("continueOnUpdateFailure", "true", "3.0.0"), "");
        assertThat(stage.environment(HandlerCommand.UPDATE, "3.0.0"))
                .containsEntry("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", "7");
    }

    @Test
    @Row("1.17-quotas")
    void quotasOfTheManifestAreTheBudgetOfAPackageWithoutExtensionJson() throws Exception {
        Path folder = stage.azureFolder("1.0.0");
        Path file = folder.resolve("HandlerManifest.json");
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceFirst(
                                "\"version\": 1.0,",
                                "\"version\": 1.0, \"resourceLimits\": {\"cpuQuotaPercentage\": 20, \"memoryQuotaInMB\": 64},"));
        Path zip = temp.resolve("limited.zip");
        var budget = new dev.vmext.packageformat.archive.PackageWriter(
                        dev.vmext.packageformat.archive.ArchiveLimits.standard())
                .pack(folder, zip)
                .description()
                .execution()
                .budget();
        assertThat(budget.cpuPercent()).hasValue(20);
        assertThat(budget.memoryMiB()).hasValue(64);
        stage.install(stage.offer(folder, "1.0.0"), "");
    }
}
