package dev.vmext.packageformat.manifest;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandlerManifestTest {
    private static HandlerManifest parse(String json) {
        return HandlerManifest.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static HandlerManifest withFields(String fields) {
        return parse("[{\"name\": \"x\", \"version\": 1.0, \"handlerManifest\": {" + fields + "}}]");
    }

    @Test
    void readsCommandsAndFlags() {
        HandlerManifest manifest = parse("""
                [{ "name": "MyHandler", "version": 1.0,
                   "handlerManifest": {
                     "installCommand": "bin/shim.sh install", "enableCommand": "bin/shim.sh enable",
                     "disableCommand": "bin/shim.sh disable", "updateCommand": "bin/shim.sh update",
                     "uninstallCommand": "bin/shim.sh uninstall",
                     "rebootAfterInstall": false, "reportHeartbeat": true, "updateMode": "UpdateWithoutInstall",
                     "continueOnUpdateFailure": true, "supportsMultipleExtensions": "true", "supportsPolicy": true },
                   "resourceLimits": { "services": [] } }]
                """);
        assertThat(manifest.name()).isEqualTo("MyHandler");
        assertThat(manifest.version()).isEqualTo("1.0");
        for (HandlerCommand command : HandlerCommand.values()) {
            assertThat(manifest.getCommand(command)).isEqualTo("bin/shim.sh " + command.text());
        }
        assertThat(manifest.missingCommands()).isEmpty();
        assertThat(manifest.reportHeartbeat()).isTrue();
        assertThat(manifest.rebootAfterInstall()).isFalse();
        assertThat(manifest.continueOnUpdateFailure()).isTrue();
        assertThat(manifest.supportsMultipleExtensions()).isTrue();
        assertThat(manifest.installsOnUpdate()).isFalse();
    }

    @Test
    void textFalseIsFalse() {
        assertThat(withFields("\"reportHeartbeat\": \"false\"").reportHeartbeat())
                .isFalse();
        assertThat(withFields("\"reportHeartbeat\": \"True\"").reportHeartbeat())
                .isTrue();
        assertThat(withFields("\"reportHeartbeat\": 1").reportHeartbeat()).isFalse();
    }

    @Test
    void limitsOfResourcesMayBeNumbersOrTextsAndNeverBreakAPackage() {
        Budget budget = parse("[{\"handlerManifest\": {}, \"resourceLimits\": {\"services\": [{\"name\": \"x\"}], "
                        + "\"cpuQuotaPercentage\": \"50%\", \"memoryQuotaInMB\": 200.5}}]")
                .resourceLimits();
        assertThat(budget.cpuPercent()).hasValue(50);
        assertThat(budget.memoryMiB()).hasValue(200);
        assertThat(parse("[{\"handlerManifest\": {}, \"resourceLimits\": [1]}]").resourceLimits())
                .isEqualTo(Budget.unlimited());
        assertThat(parse("[{\"handlerManifest\": {}, \"resourceLimits\": {\"memoryQuotaInMB\": -1}}]")
                        .resourceLimits())
                .isEqualTo(Budget.unlimited());
    }

    @Test
    void withoutExtensionJsonTheManifestsLimitsAreTheBudget() {
        HandlerManifest manifest = parse("[{\"handlerManifest\": {}, \"resourceLimits\": {\"memoryQuotaInMB\": 64}}]");
        assertThat(new PackageDescription(PackageIdentity.of("a.B", "1.0"), manifest, java.util.Optional.empty())
                        .execution()
                        .budget()
                        .memoryMiB())
                .hasValue(64);
    }

    @Test
    void updateModeIsInstallUnlessSaidOtherwise() {
        assertThat(withFields("").installsOnUpdate()).isTrue();
        assertThat(withFields("\"updateMode\": \"updatewithinstall\"").installsOnUpdate())
                .isTrue();
    }

    @Test
    void aMissingCommandFailsOnlyTheOperationThatNeedsIt() {
        HandlerManifest manifest = withFields("\"enableCommand\": \"run\"");
        assertThat(manifest.findCommand(HandlerCommand.ENABLE)).contains("run");
        assertThat(manifest.findCommand(HandlerCommand.UPDATE)).isEmpty();
        var problem = refused(PackageProblem.MALFORMED_MANIFEST, () -> manifest.getCommand(HandlerCommand.UPDATE));
        assertThat(problem).hasMessageContaining("updateCommand");
    }

    @Test
    void ignoresAByteOrderMark() {
        assertThat(parse("\ufeff[{\"handlerManifest\": {}}]").commands()).isEmpty();
    }

    @Test
    void takesTheFirstElementOnly() {
        assertThat(parse(
                                "[{\"handlerManifest\": {\"enableCommand\": \"a\"}}, {\"handlerManifest\": {\"enableCommand\": \"b\"}}]")
                        .getCommand(HandlerCommand.ENABLE))
                .isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "{}",
                "[1]",
                "[{}]",
                "[{\"handlerManifest\": []}]",
                "[{\"handlerManifest\": {}}] x",
                "[{\"handlerManifest\": {}, \"handlerManifest\": {}}]",
                "[{\"handlerManifest\": {}}"
            })
    void refusesWhatIsNoManifest(String json) {
        refused(PackageProblem.MALFORMED_MANIFEST, () -> parse(json));
    }

    @Test
    void refusesTextThatIsNotUtf8() {
        refused(PackageProblem.MALFORMED_MANIFEST, () -> HandlerManifest.parse(new byte[] {'[', (byte) 0xc3, ']'}));
    }

    @Test
    void refusesNestingWithoutEnd() {
        refused(PackageProblem.LIMIT_EXCEEDED, () -> parse("[".repeat(100_000)));
    }

    @Test
    void refusesAFileThatIsTooLarge() {
        refused(PackageProblem.LIMIT_EXCEEDED, () -> HandlerManifest.parse(new byte[(1 << 20) + 1]));
    }
}
