package dev.vmext.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.testkit.FakeExtension;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** azure-contract 1.1 names and places, 1.2 packages, 1.6 HandlerEnvironment.json, 1.7 settings. */
class FilesAndNamesIT extends StagedTest {
    @Test
    @Row({"1.1-folders", "1.1-log-folder"})
    void foldersLieWhereHandlersLookAndHaveTheirModes() throws Exception {
        stage.install(stage.fake("1.0.0"), "");
        Path base = stage.base("1.0.0");
        assertThat(base.getFileName()).hasToString("vmext.Fake-1.0.0");
        Stage.assertMode(base.resolve("config"), "rwx------");
        Stage.assertMode(base.resolve("status"), "rwx------");
        Stage.assertMode(stage.logs(), "rwxr-xr-x");
        Stage.assertMode(stage.logs().resolve("events"), "rwx------");
        assertThat(stage.root.relativize(stage.logs())).hasToString("var/log/azure/vmext.Fake");
        stage.wantGone();
        stage.until(InstallationState.REMOVED);
        assertThat(base).doesNotExist();
        assertThat(stage.logs()).as("stays").isDirectory();
    }

    @Test
    @Row("1.1-versions")
    void versionsAreComparedNumberByNumber() throws Exception {
        stage.install(stage.fake("1.9"), "");
        stage.install(stage.fake("1.10"), "");
        assertThat(stage.environment(HandlerCommand.UPDATE, "1.10"))
                .as("1.10 is the higher one, so its own package updates")
                .containsEntry("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.9");
    }

    @Test
    @Row({"1.1-certificates", "1.7-protected"})
    void protectedSettingsOpenWithOpensslFromThePathsOfTheContract() throws Exception {
        ProtectedSettings secret = stage.machine.seal("{\"token\": \"swordfish-42\"}");
        stage.want(stage.fake("1.0.0"), "", secret);
        stage.ready();
        Path base = stage.base("1.0.0");
        String settings = Files.readString(base.resolve("config/0.settings"));
        assertThat(settings).contains("\"protectedSettingsCertThumbprint\": \"" + secret.thumbprint() + "\"");
        assertThat(secret.thumbprint()).matches("[0-9A-F]{40}");
        Path cms =
                Files.write(temp.resolve("cms"), java.util.Base64.getDecoder().decode(secret.cms()));
        for (Path folder : List.of(base.resolve("config/../.."), stage.root.resolve("var/lib/waagent"))) {
            Stage.assertMode(folder.resolve(secret.thumbprint() + ".prv"), "rw-------");
            for (String program : List.of("cms", "smime")) {
                assertThat(run(
                                "openssl",
                                program,
                                "-inform",
                                "DER",
                                "-decrypt",
                                "-in",
                                cms.toString(),
                                "-recip",
                                folder.resolve(secret.thumbprint() + ".crt").toString(),
                                "-inkey",
                                folder.resolve(secret.thumbprint() + ".prv").toString()))
                        .isEqualTo("{\"token\": \"swordfish-42\"}");
            }
        }
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return text;
    }

    @Test
    @Row("1.7-protected-nowhere-else")
    void noSecretIsInAnyFileButThoseOfTheKey() throws Exception {
        stage.steer("message", "swordfish-42");
        stage.want(stage.fake("1.0.0"), "", stage.machine.seal("{\"token\": \"swordfish-42\"}"));
        assertThat(Stage.said(stage.ready()).message()).doesNotContain("swordfish");
        try (Stream<Path> files = Files.walk(stage.root)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (!file.endsWith("status/0.status")) { // the handler's own words
                    assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                            .as(file.toString())
                            .doesNotContain("swordfish");
                }
            }
        }
    }

    @Test
    @Row("1.2-modes")
    void aZipWithoutModesRunsBecauseEveryFileMayBeRun() throws Exception {
        stage.install(stage.foreign(stage.azureFolder("1.0.0"), "1.0.0"), "");
        assertThat(stage.base("1.0.0").resolve("manifest.xml")).isExecutable();
    }

    @Test
    @Row({"1.2-manifest-anywhere", "1.3-first-element"})
    void theManifestIsFoundInTheTreeAndItsByteOrderMarkIsIgnored() throws Exception {
        Path folder = stage.folder("1.0.0");
        Path deep = Files.createDirectories(folder.resolve("inner"));
        String text = Files.readString(folder.resolve("HandlerManifest.json")).strip();
        Files.writeString(
                deep.resolve("HandlerManifest.json"),
                "\uFEFF" + text.substring(0, text.length() - 1) + ", {\"handlerManifest\": 5}]");
        Files.delete(folder.resolve("HandlerManifest.json"));
        stage.install(stage.offer(folder, "1.0.0"), "");
        assertThat(stage.base("1.0.0").resolve("HandlerManifest.json")).isRegularFile();
    }

    @Test
    @Row("1.2-manifest-missing")
    void aPackageWithoutManifestIsRefused() throws Exception {
        Path zip = temp.resolve("empty.zip");
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file)) {
            out.putNextEntry(new ZipEntry("readme"));
        }
        assertThatThrownBy(() -> stage.machine.offer(zip, PackageIdentity.of(FakeExtension.NAME, "1.0.0")))
                .isInstanceOf(PackageException.class)
                .hasMessageContaining("HandlerManifest.json");
    }

    @Test
    @Row("1.2-manifest-xml")
    void manifestXmlLiesBesideTheHandlerWhenItRuns() throws Exception {
        stage.install(stage.offer(stage.azureFolder("1.0.0"), "1.0.0"), "");
        assertThat(stage.base("1.0.0").resolve("manifest.xml")).content().contains("<Version>1.0.0</Version>");
    }

    @Test
    @Row({"1.6-text", "1.6-rewritten"})
    void handlerEnvironmentHasExactlyThisTextAlsoAfterARestartOfTheAgent() throws Exception {
        stage.install(stage.fake("1.0.0"), "");
        Path base = stage.base("1.0.0");
        Path logs = stage.logs();
        String text = "[{\"name\": \"vmext.Fake\", \"version\": 1.0, \"handlerEnvironment\": {\"logFolder\": \"" + logs
                + "\", \"configFolder\": \"" + base + "/config\", \"statusFolder\": \"" + base
                + "/status\", \"heartbeatFile\": \"" + base + "/heartbeat.log\", \"eventsFolder\": \"" + logs
                + "/events\", \"eventsFolder_preview\": \"" + logs + "/events\"}}]";
        assertThat(base.resolve("HandlerEnvironment.json")).hasContent(text);
        Files.writeString(base.resolve("HandlerEnvironment.json"), "gone");
        stage.machine.restartAgent();
        assertThat(base.resolve("HandlerEnvironment.json")).hasContent(text);
    }

    @Test
    @Row({"1.7-file", "1.7-modes"})
    void settingsAreOneLineWithAllThreeKeysInAscii() throws Exception {
        stage.wantExactly(stage.fake("1.0.0"), "{\"k\": \"\u00fc\", \"n\": 1.50}");
        stage.ready();
        Path file = stage.base("1.0.0").resolve("config/0.settings");
        assertThat(file)
                .hasContent("{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": {\"k\": \"\\u00fc\", "
                        + "\"n\": 1.50}, \"protectedSettings\": null, \"protectedSettingsCertThumbprint\": null}}]}");
        Stage.assertMode(file, "rw-------");
    }

    @Test
    @Row({"1.7-none", "1.8-not-read"})
    void withoutSettingsThereIsAnEmptyFileAndNoStatusIsExpected() throws Exception {
        stage.steer("writeStatus", "none");
        stage.wantExactly(stage.fake("1.0.0"), "null");
        stage.ready();
        assertThat(stage.base("1.0.0").resolve("config/0.settings")).isEmptyFile();
    }

    @Test
    @Row({"1.7-sequence", "1.7-mrseq", "1.7-old-files"})
    void aHigherNumberIsAlwaysTheNewerFile() throws Exception {
        PackageOffer offer = stage.fake("1.0.0");
        stage.install(offer, "");
        stage.raise();
        stage.install(offer, "\"message\": \"second\"");
        Path config = stage.base("1.0.0").resolve("config");
        assertThat(Files.getLastModifiedTime(config.resolve("1.settings")))
                .isGreaterThan(Files.getLastModifiedTime(config.resolve("0.settings")));
        assertThat(stage.base("1.0.0").resolve("mrseq")).hasContent("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"install", "enable"})
    @Row("1.7-one-number")
    void everyCommandSeesTheNumberOfItsSettings(String command) throws Exception {
        stage.raise();
        stage.raise();
        stage.install(stage.fake("1.0.0"), "");
        assertThat(stage.calls()).contains(command + " seq=2 version=1.0.0");
    }

    @Test
    @Row("1.6-one-element")
    void handlerEnvironmentOfEveryVersionNamesItsOwnFolders() throws IOException, InterruptedException {
        stage.install(stage.fake("1.0.0"), "");
        stage.install(stage.fake("2.0.0"), "");
        assertThat(stage.base("2.0.0").resolve("HandlerEnvironment.json"))
                .content()
                .startsWith("[{")
                .endsWith("}}]")
                .contains("vmext.Fake-2.0.0/config")
                .doesNotContain("vmext.Fake-1.0.0");
    }
}
