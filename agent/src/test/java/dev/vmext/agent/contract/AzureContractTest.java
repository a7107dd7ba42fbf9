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
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.StatusWord;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
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
    private final Map<String, List<HandlerEvent>> seen = new HashMap<>();
    private AzureContract contract;
    private HandlerFolder folder;

    @BeforeEach
    void prepare() throws IOException {
        contract = new AzureContract(Map.of("PATH", "/bin"), temp.resolve("certificates"), null, clock, seen::put);
        folder = folder("1.0.0.0");
    }

    private HandlerFolder folder(String version) throws IOException {
        Path base = Files.createDirectories(temp.resolve("handlers/fw-1/My.Pub.Ext-" + version));
        HandlerFolder made =
                new HandlerFolder(base, temp.resolve("log/My.Pub.Ext"), "fw-1", "My.Pub.Ext", version, false, false);
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
                                + "null], \"c\": \"\\u00e9\\n\\\"\"}, \"protectedSettings\": null, "
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
        HandlerFolder shared = with(folder, true, false);
        assertThat(command(shared, HandlerCommand.ENABLE, "1.0.0.0", "1.0.0.0").environment())
                .doesNotContainKey("ConfigExtensionName");
    }

    private static HandlerFolder with(HandlerFolder folder, boolean shared, boolean multiConfig) {
        return new HandlerFolder(
                folder.base(),
                folder.logs(),
                folder.installation(),
                folder.extension(),
                folder.version(),
                shared,
                multiConfig);
    }

    @Test
    void aMultiConfigHandlerHasFilesNamedAfterItsInstallation() throws IOException {
        HandlerFolder multi = with(folder, true, true);
        contract.writeSettings(multi, new Settings(3, "{}", null));
        assertThat(folder.base().resolve("config/fw_1.3.settings")).exists();
        assertThat(command(multi, HandlerCommand.UPDATE, "1.0.0.0", "0.9").environment())
                .containsEntry("ConfigExtensionName", "fw_1")
                .containsEntry(
                        "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODES_MULTIPLE_EXTENSIONS",
                        "[{\"extensionName\": \"fw_1\", \"exitCode\": \"5\"}]")
                .doesNotContainKey("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE");
        contract.ended(multi, multi, description(sample()), end(HandlerCommand.ENABLE, 0));
        assertThat(folder.base().resolve("config/fw_1.HandlerState")).hasContent("enabled");
        assertThat(folder.logs().resolve("CommandExecution_fw_1.log")).exists();
    }

    @Test
    void aFailedEnableOfAMultiConfigHandlerIsToldInItsStatusFile() throws IOException {
        HandlerFolder multi = with(folder, true, true);
        contract.writeSettings(multi, new Settings(3, "{}", null));
        contract.ended(multi, multi, description(sample()), end(HandlerCommand.ENABLE, 7));
        assertThat(contract.readStatus(multi, 3))
                .isInstanceOfSatisfying(
                        StatusReading.Said.class,
                        said -> assertThat(said.status())
                                .returns(StatusWord.ERROR, HandlerStatus::status)
                                .returns("1009", HandlerStatus::code));
    }

    private static SamplePackage sample() {
        return new SamplePackage("My.Pub.Ext", "1.0.0.0");
    }

    private static CallEnd end(HandlerCommand command, int exitCode) {
        return new CallEnd(command, "bin/x " + command.text(), 3, exitCode, false, "it ended", "said this");
    }

    @Test
    void remembersTheHandlerWhereItsToolsLook() throws IOException {
        Path state = folder.base().resolve("config/HandlerState");
        Path status = folder.base().resolve("config/HandlerStatus");
        assertThat(state).hasContent("NotInstalled");
        contract.ended(folder, folder, description(sample()), end(HandlerCommand.INSTALL, 0));
        assertThat(state).hasContent("Installed");
        assertThat(status)
                .hasContent("{\"name\": \"My.Pub.Ext\", \"version\": \"1.0.0.0\", \"status\": \"NotReady\", "
                        + "\"code\": 0, \"message\": \"Plugin installed but not enabled\", "
                        + "\"supports_multi_config\": false, \"extension_status\": null}");
        contract.ended(folder, folder, description(sample()), end(HandlerCommand.ENABLE, 0));
        assertThat(state).hasContent("Enabled");
        contract.prepare(folder);
        assertThat(state).as("after a restart of the agent").hasContent("Enabled");
        contract.ended(folder, folder, description(sample()), end(HandlerCommand.DISABLE, 3));
        assertThat(state).as("a failed disable changes nothing").hasContent("Enabled");
        assertThat(status)
                .content()
                .contains("\"code\": 1010", "Non-zero exit code: 3, bin/x disable\\n[stdout]\\nsaid");
        contract.ended(folder, folder, description(sample()), end(HandlerCommand.DISABLE, 0));
        assertThat(state).hasContent("Installed");
        contract.ended(folder, folder, description(sample()), end(HandlerCommand.UPDATE, 2));
        assertThat(state).hasContent("FailedUpgrade");
    }

    @Test
    void aFailureIsToldInNoMoreCharactersThanTheContractAllows() {
        CallEnd end =
                new CallEnd(HandlerCommand.INSTALL, "bin/x", 0, 9, false, "it ended", "a".repeat(5000) + "the end");
        assertThat(end.message()).hasSize(3200).contains("the end\n\n[stderr]");
        assertThat(new CallEnd(HandlerCommand.INSTALL, "bin/x", 0, null, true, "too late", "").errorCode())
                .isEqualTo(1011);
    }

    @Test
    void withoutSettingsTheFileIsEmptyAndNoStatusIsExpected() throws IOException {
        contract.writeSettings(folder, new Settings(0, "null", null));
        assertThat(folder.base().resolve("config/0.settings")).isEmptyFile();
        assertThat(contract.readStatus(folder, 0))
                .isInstanceOfSatisfying(
                        StatusReading.Said.class,
                        said -> assertThat(said.status().status()).isEqualTo(StatusWord.SUCCESS));
    }

    @Test
    void protectedSettingsAloneKeepTheThirdKey() throws IOException {
        Files.createDirectories(temp.resolve("certificates"));
        Files.writeString(temp.resolve("certificates").resolve(THUMBPRINT + ".crt"), "certificate");
        Files.writeString(temp.resolve("certificates").resolve(THUMBPRINT + ".prv"), "key");
        contract.writeSettings(folder, new Settings(0, "null", new ProtectedSettings(THUMBPRINT, "AAAA==")));
        assertThat(folder.base().resolve("config/0.settings"))
                .hasContent("{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": null, "
                        + "\"protectedSettings\": \"AAAA==\", \"protectedSettingsCertThumbprint\": \"" + THUMBPRINT
                        + "\"}}]}");
    }

    @Test
    void theLogOfCallsShowsTheContractsVariablesAndNoOthers() throws IOException {
        contract.begins(folder, command(folder, HandlerCommand.ENABLE, "1.0.0.0", "1.0.0.0"));
        contract.ended(folder, folder, description(sample()), end(HandlerCommand.ENABLE, 0));
        assertThat(folder.logs().resolve("CommandExecution.log"))
                .content()
                .contains("Executing command: ", "\"ConfigSequenceNumber\": \"3\"", "[stdout]\nsaid this\n", "it ended")
                .doesNotContain("PATH\": \"/bin");
    }

    @Test
    void theLogOfCallsKeepsTheLastTenMegabytesAndTheTenBeforeThem() throws IOException {
        Path log = folder.logs().resolve("CommandExecution.log");
        Files.write(log, new byte[(int) CallLog.LIMIT + 1]);
        contract.ended(folder, folder, description(sample()), end(HandlerCommand.ENABLE, 0));
        assertThat(Files.size(log)).isLessThan(1000);
        assertThat(Files.size(log.resolveSibling("CommandExecution.log.1"))).isEqualTo(CallLog.LIMIT + 1);
    }

    @Test
    void foldersHaveTheModesOfTheContract() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.logs())))
                .isEqualTo("rwxr-xr-x");
        for (Path own : List.of(folder.config(), folder.status(), folder.events())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void takesEventsAndEmptiesTheirFolder() throws IOException {
        Files.writeString(folder.events().resolve("17.json"), "[" + EventsFolderTest.event("hello") + "]");
        contract.collectEvents(folder);
        assertThat(seen.get("My.Pub.Ext")).extracting(HandlerEvent::message).containsExactly("hello");
        assertThat(folder.events()).isEmptyDirectory();
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
