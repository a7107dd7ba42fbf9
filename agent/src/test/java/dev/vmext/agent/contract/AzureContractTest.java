package dev.vmext.agent.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.agent.process.CommandLine;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.HandlerManifest;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AzureContractTest {
    private static final String THUMBPRINT = "AB".repeat(20);

    @TempDir
    Path temp;

    private final ManualClock clock = ManualClock.atNewYear();
    private AzureContract contract;
    private HandlerFolder folder;

    @BeforeEach
    void prepare() throws IOException {
        contract = new AzureContract(Map.of("PATH", "/bin"), temp.resolve("certificates"), null, clock);
        folder = folder("1.0.0.0");
    }

    private HandlerFolder folder(String version) throws IOException {
        Path base = Files.createDirectories(temp.resolve("handlers/fw/My.Pub.Ext-" + version));
        HandlerFolder made =
                new HandlerFolder(base, temp.resolve("log/My.Pub.Ext"), "fw", "My.Pub.Ext", version, false);
        contract.prepare(made);
        return made;
    }

    private static PackageDescription description(SamplePackage sample) {
        return new PackageDescription(
                PackageIdentity.of("My.Pub.Ext", "1.0.0.0"),
                HandlerManifest.parse(sample.handlerJson().getBytes(StandardCharsets.UTF_8)),
                Optional.empty());
    }

    private CommandLine command(HandlerFolder where, HandlerCommand command, String target, String from)
            throws IOException {
        return contract.command(
                where,
                description(new SamplePackage("My.Pub.Ext", "1.0.0.0")
                        .command(HandlerCommand.ENABLE, "//bin/shim.sh enable --x")),
                new Call(command, 3, target, from, "5", "6"),
                temp);
    }

    @Test
    void writesTheHandlerEnvironmentInExactlyTheFormThatShellHandlersRead() {
        String base = folder.base().toString();
        String logs = folder.logs().toString();
        assertThat(folder.base().resolve("HandlerEnvironment.json"))
                .hasContent("[{\"name\": \"My.Pub.Ext\", \"version\": 1.0, \"handlerEnvironment\": {\"logFolder\": \""
                        + logs
                        + "\", \"configFolder\": \"" + base + "/config\", \"statusFolder\": \"" + base
                        + "/status\", \"heartbeatFile\": \"" + base + "/heartbeat.log\", \"eventsFolder\": \"" + logs
                        + "/events\", \"eventsFolder_preview\": \"" + logs + "/events\"}}]");
    }

    @Test
    void settingsOfAHigherNumberAreAlwaysNewer() throws IOException {
        contract.writeSettings(folder, new Settings(0, "{}", null));
        clock.set(clock.instant().minus(Duration.ofDays(1)));
        contract.writeSettings(folder, new Settings(1, "{}", null));
        Path config = folder.base().resolve("config");
        assertThat(Files.getLastModifiedTime(config.resolve("1.settings")))
                .isGreaterThan(Files.getLastModifiedTime(config.resolve("0.settings")));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config.resolve("1.settings"))))
                .isEqualTo("rw-------");
    }

    @Test
    void settingsKeepNumbersAndTextsAsTheyWereWritten() throws IOException {
        contract.writeSettings(
                folder, new Settings(0, "{\"a\":1.50,\"b\":[true,null],\"c\":\"\\u00e9\\n\\\"\"}", null));
        assertThat(folder.base().resolve("config/0.settings"))
                .hasContent(
                        "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": {\"a\": 1.50, \"b\": [true, "
                                + "null], \"c\": \"é\\n\\\"\"}, \"protectedSettings\": null, "
                                + "\"protectedSettingsCertThumbprint\": null}}]}");
    }

    @Test
    void putsTheCertificateWhereHandlersLook() throws IOException {
        Files.createDirectories(temp.resolve("certificates"));
        Files.writeString(temp.resolve("certificates").resolve(THUMBPRINT + ".crt"), "certificate");
        Files.writeString(temp.resolve("certificates").resolve(THUMBPRINT + ".prv"), "key");
        contract.writeSettings(folder, new Settings(0, "{}", new ProtectedSettings(THUMBPRINT, "AAAA")));
        assertThat(folder.base().resolve("config").resolve("../..").resolve(THUMBPRINT + ".prv"))
                .hasContent("key");
    }

    @Test
    void refusesSettingsSealedForAKeyThatIsNotHere() {
        assertThatThrownBy(() -> contract.writeSettings(
                        folder, new Settings(0, "{}", new ProtectedSettings(THUMBPRINT, "AAAA"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(THUMBPRINT);
    }

    @Test
    void joinsTheCommandToItsFolder() throws IOException {
        CommandLine command = command(folder, HandlerCommand.ENABLE, "1.0.0.0", "1.0.0.0");
        assertThat(command.text()).isEqualTo(folder.base() + "/bin/shim.sh enable --x");
        assertThat(command.environment())
                .containsEntry("PATH", "/bin")
                .containsEntry("ConfigSequenceNumber", "3")
                .containsEntry("AZURE_GUEST_AGENT_EXTENSION_PATH", folder.base().toString())
                .containsEntry("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0.0")
                .containsEntry("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", "6")
                .doesNotContainKeys("VERSION", "ConfigExtensionName", "VMEXT_JAVA");
    }

    @Test
    void namesNoFilesAfterAnInstallationThatHasItsOwnFolder() throws IOException {
        HandlerFolder shared = new HandlerFolder(
                folder.base(), folder.logs(), folder.installation(), folder.extension(), folder.version(), true);
        assertThat(command(shared, HandlerCommand.ENABLE, "1.0.0.0", "1.0.0.0").environment())
                .doesNotContainKey("ConfigExtensionName");
    }

    @Test
    void tellsAnUpdateBothVersions() throws IOException {
        assertThat(command(folder("2.0.0.0"), HandlerCommand.UPDATE, "2.0.0.0", "1.0.0.0")
                        .environment())
                .containsEntry("VERSION", "2.0.0.0")
                .containsEntry("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0.0")
                .containsEntry("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", "5");
    }

    @Test
    void onADowngradeBothVariablesCarryTheTarget() throws IOException {
        assertThat(command(folder("2.0.0.0"), HandlerCommand.UPDATE, "1.0.0.0", "2.0.0.0")
                        .environment())
                .containsEntry("VERSION", "1.0.0.0")
                .containsEntry("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0.0");
    }

    @Test
    void disableGetsOnlyWhatEveryCommandGets() throws IOException {
        assertThat(command(folder, HandlerCommand.DISABLE, "1.0.0.0", "1.0.0.0").environment())
                .doesNotContainKeys(
                        "AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE",
                        "VERSION",
                        "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE");
    }

    @Test
    void givesTheNewVersionWhatTheOldOneRemembers() throws IOException {
        Files.writeString(folder.base().resolve("mrseq"), "4");
        Files.writeString(folder.base().resolve("status/4.status"), "[]");
        HandlerFolder next = folder("2.0.0.0");
        contract.copyState(folder, next);
        assertThat(next.base().resolve("mrseq")).hasContent("4");
        assertThat(next.base().resolve("status/4.status")).hasContent("[]");
    }
}
