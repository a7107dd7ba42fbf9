package dev.vmext.systemtests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The command line as a user runs it, against a real server: right input, and above all wrong input. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandLineIT {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    private ControlPlane plane;

    @BeforeAll
    void start() throws Exception {
        plane = ControlPlane.start(folder.resolve("home"));
        plane.publish(Repository.ROOT.resolve("testkit/src/main/resources/fake-extension"), "1.0.0");
        vmext(
                "context",
                "add",
                "test",
                "--api",
                "http://127.0.0.1:" + plane.apiPort(),
                "--token-file",
                plane.home.resolve("admin.token").toString());
        Product.Said said = vmext("machine", "enroll-command", "m1");
        assertThat(said.exit()).as(said.all()).isZero();
        assertThat(said.out()).contains("| sh").contains("#cloud-config");
    }

    @AfterAll
    void stop() throws Exception {
        plane.close();
    }

    private Product.Said vmext(String... arguments) throws Exception {
        return Product.vmext(plane.home, "", arguments);
    }

    private static void refused(Product.Said said, int exit, String code, String... named) {
        assertThat(said.exit()).as(said.all()).isEqualTo(exit);
        assertThat(said.err()).as(said.all()).contains("(" + code + ")").startsWith("vmext: ");
        assertThat(said.err()).doesNotContain("Exception").doesNotContain("\tat ");
        for (String name : named) {
            assertThat(said.err()).contains(name);
        }
        assertThat(said.err().lines().count()).as("says what to do").isGreaterThanOrEqualTo(3);
    }

    @Test
    void unknownThingsAreNamed() throws Exception {
        refused(vmext("machine", "show", "nosuch"), 3, "machine-not-found", "nosuch");
        refused(vmext("install", "nosuch", "vmext.Fake"), 3, "machine-not-found", "nosuch");
        refused(vmext("install", "m1", "vmext.Nosuch"), 3, "extension-not-found", "vmext.Nosuch");
        refused(vmext("install", "m1", "vmext.Fake", "--version", "9"), 3, "version-not-found", "9");
        refused(vmext("installation", "show", "m1", "nosuch"), 3, "installation-not-found", "nosuch");
    }

    @Test
    void wrongSettingsAreRefusedAndNothingIsStored() throws Exception {
        refused(vmext("install", "m1", "vmext.Fake", "--set", "mesage=x"), 2, "unknown-setting", "mesage", "message");
        refused(vmext("install", "m1", "vmext.Fake", "--set", "enableExit=many"), 2, "settings-invalid", "enableExit");
        refused(vmext("install", "m1", "vmext.Fake", "--set", "enableExit=999"), 2, "settings-invalid", "enableExit");
        Path file = Files.writeString(folder.resolve("broken.json"), "{\"message\": ");
        refused(
                vmext("install", "m1", "vmext.Fake", "--settings", file.toString()),
                2,
                "malformed-request",
                "broken.json");
        refused(
                vmext("install", "m1", "vmext.Fake", "--settings", "/nosuch.json"),
                2,
                "file-unreadable",
                "/nosuch.json");
        assertThat(plane.installations("m1")).isEmpty();
    }

    @Test
    void aProtectedValueIsNeverTakenFromTheArguments() throws Exception {
        Product.Said said = vmext("install", "m1", "vmext.Fake", "--name", "p", "--protected", "token=hunter2");
        refused(said, 2, "invalid-value");
        assertThat(said.all()).doesNotContain("hunter2");
    }

    @Test
    void anInstallationForAMachineThatNeverConnectedWaitsAndCanBeTakenBack() throws Exception {
        Product.Said said = Product.vmext(
                plane.home,
                "{\"token\": \"geheim\"}",
                "install",
                "m1",
                "vmext.Fake",
                "--name",
                "waits",
                "--protected-settings",
                "-",
                "-o",
                "json");
        assertThat(said.exit()).as(said.all()).isZero();
        JsonNode view = Api.JSON.readTree(said.out());
        assertThat(view.path("state").asText()).isEqualTo("waiting-machine");
        assertThat(view.path("protectedKeys").path(0).asText()).isEqualTo("token");
        assertThat(said.all()).doesNotContain("geheim");
        assertThat(vmext("installation", "show", "m1", "waits").out())
                .contains("waiting-machine")
                .contains("(protected)");
        Product.Said timedOut = vmext("install", "m1", "vmext.Fake", "--name", "waits", "--wait", "--timeout", "1s");
        refused(timedOut, 6, "wait-timed-out", "waits");
        assertThat(vmext("uninstall", "m1", "waits", "--wait").exit()).isZero();
        refused(vmext("installation", "show", "m1", "waits"), 3, "installation-not-found");
    }

    @Test
    void answersForProgramsAreWellFormed() throws Exception {
        assertThat(Api.JSON
                        .readTree(vmext("machine", "list", "-o", "json").out())
                        .path(0)
                        .path("name")
                        .asText())
                .isEqualTo("m1");
        assertThat(vmext("extension", "list", "-o", "yaml").out()).contains("name: vmext.Fake");
        assertThat(vmext("extension", "list", "--category", "backup").out()).contains("No extension fits");
        assertThat(vmext("extension", "show", "vmext.Fake").out())
                .contains("enableSeconds")
                .contains("protected");
        assertThat(vmext("status").out()).contains("gateway");
        assertThat(vmext("audit").out()).contains("m1");
        assertThat(vmext("portal").out()).contains("http://127.0.0.1:" + plane.apiPort());
    }

    @Test
    void usageErrorsTeach() throws Exception {
        Product.Said said = vmext("machin");
        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.err()).contains("machine");
        assertThat(vmext("install").exit()).isEqualTo(2);
        Product.Said help = vmext("install", "--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out()).contains("Examples:").contains("--protected-settings");
    }

    @Test
    void aPublishersWayWorksAndEveryWrongTurnIsExplained() throws Exception {
        Path work = Files.createDirectories(folder.resolve("publisher"));
        Path source = work.resolve("thing");
        Product.run(
                work,
                "",
                30,
                Map.of(),
                List.of(
                        "cp",
                        "-r",
                        Repository.ROOT
                                .resolve("testkit/src/main/resources/fake-extension")
                                .toString(),
                        source.toString()));
        for (String file : List.of("extension.json", "HandlerManifest.json")) {
            Path path = source.resolve(file);
            Files.writeString(path, Files.readString(path).replace("vmext.Fake", "Acme.Thing"));
        }
        String key = work.resolve("acme.key").toString();
        String zip = work.resolve("thing.zip").toString();
        assertThat(vmext("extension", "keygen", key).exit()).isZero();
        refused(vmext("extension", "keygen", key), 4, "file-failed", "acme.key");
        assertThat(vmext("extension", "pack", source.toString(), "--to", zip).exit())
                .isZero();
        assertThat(vmext("extension", "sign", zip, "--key", key).exit()).isZero();

        // The control plane does not know Acme yet.
        refused(vmext("extension", "publish", zip), 4, "publisher-untrusted");
        refused(vmext("extension", "show", "Acme.Thing"), 3, "extension-not-found");

        Path trust = Files.writeString(
                work.resolve("trust.json"),
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [{\"namespace\": \"Acme\", \"keys\": [\""
                        + Files.readString(work.resolve("acme.key.pub")).strip() + "\"]}]}");
        assertThat(vmext("extension", "verify", zip, "--trust", trust.toString())
                        .out())
                .contains("Good: Acme.Thing");

        byte[] bytes = Files.readAllBytes(Path.of(zip));
        bytes[bytes.length / 2] ^= 1;
        Files.write(Path.of(zip), bytes);
        refused(vmext("extension", "verify", zip, "--trust", trust.toString()), 4, "digest-mismatch", "Acme.Thing");

        Files.delete(source.resolve("HandlerManifest.json"));
        refused(
                vmext("extension", "pack", source.toString(), "--to", zip),
                4,
                "missing-manifest",
                "HandlerManifest.json");
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        Path second = folder.resolve("second");
        Files.createDirectories(second);
        Product.Said said = Product.vmext(
                second, "", "up", "--no-demo", "--api", "127.0.0.1:" + plane.apiPort(), "--gateway", "127.0.0.1:0");
        assertThat(said.exit()).as(said.all()).isEqualTo(1);
        assertThat(said.err()).contains(String.valueOf(plane.apiPort())).contains("(port-in-use)");
    }

    @Test
    void nobodyAnsweringIsSaidPlainly() throws Exception {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        refused(Product.vmext(elsewhere, "", "machine", "list"), 2, "no-context");
        Product.vmext(
                elsewhere,
                "",
                "context",
                "add",
                "gone",
                "--api",
                "http://127.0.0.1:9",
                "--token-file",
                plane.home.resolve("admin.token").toString());
        refused(Product.vmext(elsewhere, "", "machine", "list"), 5, "server-unreachable", "127.0.0.1:9");
    }
}
