package dev.vmext.systemtests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A user's first hour on one real virtual machine, started with {@code vmext up}. The tests are steps of one story on one machine, in
 * order, because a boot is dear. The folder {@code target/vm-test} keeps console, agent log and journal for a look afterwards.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class VirtualMachineIT {
    /** Simulated processors are slow; a wait this long ends only what would never end. */
    private static final Duration GUEST = Duration.ofMinutes(6);

    private static final Path WORK = Repository.ROOT.resolve("target/vm-test");
    private static final Path HOME = WORK.resolve("home");

    private Api api;
    private String machineId = "";
    private int inspections;

    @BeforeAll
    void up() throws Exception {
        // The image is kept between runs: it is cached by its recipe, as in a user's data folder.
        Path images = Repository.ROOT.resolve("target/vm-images");
        Files.createDirectories(images);
        cleanUp();
        Files.createDirectories(HOME);
        Files.createSymbolicLink(HOME.resolve("images"), images);
        Product.Said said = vmext("up", "--api", "127.0.0.1:0", "--gateway", "0.0.0.0:0", "--timeout", "14m");
        assertThat(said.exit()).as(said.all() + console()).isZero();
        assertThat(said.out()).contains("demo").contains("Portal");
        connect();
        machineId = machine().path("id").asText();
    }

    @AfterAll
    void down() throws Exception {
        Files.writeString(WORK.resolve("console.txt"), console());
        Files.writeString(
                WORK.resolve("agent-log.txt"), vmext("machine", "logs", "demo").all());
        Product.Said said = vmext("down");
        assertThat(said.exit()).as(said.all()).isZero();
    }

    private static void cleanUp() throws Exception {
        if (Files.exists(HOME.resolve("run/server.json"))) {
            vmext("down");
        }
        if (Files.exists(HOME)) {
            Files.deleteIfExists(HOME.resolve("images"));
            Product.run(Repository.ROOT, "", 60, Map.of(), List.of("rm", "-rf", HOME.toString()));
        }
    }

    private static Product.Said vmext(String... arguments) throws Exception {
        return Product.vmext(HOME, "", arguments);
    }

    private void connect() throws Exception {
        JsonNode running = Api.JSON.readTree(Files.readString(HOME.resolve("run/server.json")));
        api = new Api(
                running.path("api").asText(),
                Files.readString(HOME.resolve("admin.token")).strip());
    }

    private static String console() throws Exception {
        Path machines = HOME.resolve("machines");
        if (!Files.exists(machines)) {
            return "(no machine)";
        }
        try (Stream<Path> all = Files.walk(machines, 2)) {
            Path log =
                    all.filter(file -> file.endsWith("serial.log")).findFirst().orElse(null);
            return log == null ? "(no console)" : Files.readString(log, java.nio.charset.StandardCharsets.ISO_8859_1);
        }
    }

    private JsonNode machine() throws Exception {
        return api.get("/v1/projects/default/machines/demo").ok();
    }

    private JsonNode installation(String name) throws Exception {
        return api.get(ControlPlane.path("demo", name)).body();
    }

    private JsonNode healthy(String name) throws Exception {
        return Eventually.until(
                name + " is healthy",
                GUEST,
                () -> installation(name),
                view -> view.path("healthy").asBoolean()
                        && view.path("appliedSequence").asLong()
                                >= view.path("sequence").asLong());
    }

    /** Runs a command on the machine and returns what it printed; takes itself off again. */
    private String inside(String script) throws Exception {
        String name = "look" + ++inspections;
        String body = Api.JSON.writeValueAsString(
                Map.of("extension", "vmext.CustomScript", "settings", Map.of("script", script)));
        api.put(ControlPlane.path("demo", name), body).ok();
        JsonNode view = healthy(name);
        String out = "";
        for (JsonNode part : view.path("status").path("substatus")) {
            if (part.path("name").asText().equals("stdout")) {
                out = part.path("message").asText();
            }
        }
        api.delete(ControlPlane.path("demo", name)).ok();
        Eventually.until(
                name + " is gone",
                GUEST,
                () -> api.get(ControlPlane.path("demo", name)).status(),
                status -> status == 404);
        return out;
    }

    @Test
    @Order(1)
    void whatWasDeclaredBeforeTheMachineExistedIsThere() throws Exception {
        assertThat(machine().path("state").asText()).isEqualTo("online");
        assertThat(healthy("firewall").path("state").asText()).isEqualTo("ready");
        assertThat(healthy("hello").path("state").asText()).isEqualTo("ready");
        assertThat(inside("nft list ruleset"))
                .contains("table inet vmext_firewall")
                .contains("policy drop")
                .contains("dport 22");
        assertThat(inside("cat /etc/motd; wc -c < /etc/vmext-demo-secret.sha256"))
                .contains("Hello from vmext on demo")
                .contains("65");
    }

    @Test
    @Order(2)
    void theKernelIsHeldSoThatImageAndDirectBootStayInStep() throws Exception {
        assertThat(inside("apt-mark showhold")).contains("linux-image");
    }

    @Test
    @Order(3)
    void installsOnTheRunningMachineChangesItsSettingsAndTakesItOffAgain() throws Exception {
        Path settings = Files.writeString(WORK.resolve("motd.json"), "{\"script\": \"echo one > /run/motd-test\"}");
        Product.Said installed = vmext(
                "install", "demo", "vmext.CustomScript", "--name", "motd", "--settings", settings.toString(), "--wait");
        assertThat(installed.exit()).as(installed.all()).isZero();
        assertThat(inside("cat /run/motd-test")).contains("one");

        Product.Said changed = vmext(
                "install",
                "demo",
                "vmext.CustomScript",
                "--name",
                "motd",
                "--set",
                "script=echo two > /run/motd-test; echo said",
                "--wait",
                "-o",
                "json");
        assertThat(changed.exit()).as(changed.all()).isZero();
        assertThat(Api.JSON.readTree(changed.out()).path("sequence").asLong()).isEqualTo(1);
        assertThat(inside("cat /run/motd-test")).contains("two");
        assertThat(vmext("installation", "show", "demo", "motd").out())
                .contains("ready")
                .contains("said");

        Product.Said removed = vmext("uninstall", "demo", "motd", "--wait");
        assertThat(removed.exit()).as(removed.all()).isZero();
        assertThat(inside("ls /var/lib/vmext/handlers")).doesNotContain("motd").contains("firewall");
    }

    @Test
    @Order(4)
    void changedRulesAreLoaded() throws Exception {
        Product.Said changed = vmext(
                "install",
                "demo",
                "vmext.Firewall",
                "--set",
                "rules=[{\"name\": \"web\", \"action\": \"accept\", \"direction\": \"in\", \"protocol\": \"tcp\", \"ports\": [\"8080\"]}]",
                "--wait");
        assertThat(changed.exit()).as(changed.all()).isZero();
        assertThat(inside("nft list table inet vmext_firewall"))
                .contains("dport 8080")
                .doesNotContain("dport 22");
    }

    @Test
    @Order(5)
    void anAgentKilledByTheVeryScriptItRunsContinuesAndRunsItOnce() throws Exception {
        String script =
                "echo begin >> /root/runs; kill -9 $(systemctl show -p MainPID --value vmext-agent); sleep 8; echo end >> /root/runs";
        api.put(
                        ControlPlane.path("demo", "killer"),
                        Api.JSON.writeValueAsString(
                                Map.of("extension", "vmext.CustomScript", "settings", Map.of("script", script))))
                .ok();
        healthy("killer");
        assertThat(inside("cat /root/runs")).isEqualToIgnoringWhitespace("begin end");
    }

    @Test
    @Order(6)
    void aServerKilledInTheMiddleOfAnInstallationLosesNothing() throws Exception {
        String script = "echo begin >> /root/runs2; sleep 12; echo end >> /root/runs2";
        api.put(
                        ControlPlane.path("demo", "slow"),
                        Api.JSON.writeValueAsString(
                                Map.of("extension", "vmext.CustomScript", "settings", Map.of("script", script))))
                .ok();
        Eventually.until(
                "the machine works on it",
                GUEST,
                () -> installation("slow").path("state").asText(),
                List.of("installing", "enabling")::contains);
        JsonNode running = Api.JSON.readTree(Files.readString(HOME.resolve("run/server.json")));
        long pid = running.path("pid").asLong();
        ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
        server.destroyForcibly();
        server.onExit().get();
        // The same ports, because that is where the machine looks.
        String address = running.path("api").asText();
        Product.Said again = vmext(
                "up",
                "--api",
                address.substring(address.indexOf("//") + 2),
                "--gateway",
                "0.0.0.0:" + running.path("gatewayPort").asInt());
        assertThat(again.exit()).as(again.all()).isZero();
        connect();
        healthy("slow");
        assertThat(inside("cat /root/runs2")).isEqualToIgnoringWhitespace("begin end");
    }

    @Test
    @Order(7)
    void aPackageThatWasChangedOnTheServerIsRefusedOnTheMachine() throws Exception {
        Path folder = WORK.resolve("tampered");
        Product.run(WORK, "", 30, Map.of(), List.of("rm", "-rf", folder.toString()));
        Product.run(
                WORK,
                "",
                30,
                Map.of(),
                List.of(
                        "cp",
                        "-r",
                        Repository.ROOT
                                .resolve("testkit/src/main/resources/fake-extension")
                                .toString(),
                        folder.toString()));
        for (String file : List.of("extension.json", "HandlerManifest.json")) {
            Path path = folder.resolve(file);
            Files.writeString(path, Files.readString(path).replace("vmext.Fake", "vmext.Tampered"));
        }
        String zip = WORK.resolve("tampered.zip").toString();
        assertThat(vmext("extension", "pack", folder.toString(), "--to", zip).exit())
                .isZero();
        assertThat(vmext(
                                "extension",
                                "sign",
                                zip,
                                "--key",
                                HOME.resolve("keys/publisher.key").toString())
                        .exit())
                .isZero();
        Product.Said published = vmext("extension", "publish", zip);
        assertThat(published.exit()).as(published.all()).isZero();
        String digest = api.get("/v1/extensions/vmext.Tampered")
                .ok()
                .path("versions")
                .path(0)
                .path("digest")
                .asText();
        String hex = digest.substring("sha256:".length());
        Path blob = HOME.resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex);
        byte[] bytes = Files.readAllBytes(blob);
        bytes[bytes.length / 2] ^= 1;
        Files.write(blob, bytes);

        Product.Said refused = vmext("install", "demo", "vmext.Tampered", "--wait");
        assertThat(refused.exit()).as(refused.all()).isEqualTo(1);
        assertThat(refused.err()).contains("vmext.Tampered").contains("digest");
        assertThat(vmext("uninstall", "demo", "tampered", "--wait").exit()).isZero();
    }

    @Test
    @Order(8)
    void afterAPowerCutTheMachineIsHealthyAgainWithoutHelp() throws Exception {
        long pid = Long.parseLong(
                Files.readString(HOME.resolve("machines").resolve(machineId).resolve("qemu.pid"))
                        .strip());
        ProcessHandle qemu = ProcessHandle.of(pid).orElseThrow();
        qemu.destroyForcibly();
        qemu.onExit().get();
        Eventually.until(
                "the cut is noticed", GUEST, () -> machine().path("power").asText(), "stopped"::equals);
        Product.Said started = vmext("machine", "start", "demo");
        assertThat(started.exit()).as(started.all()).isZero();
        Eventually.until("demo is online", GUEST, () -> machine().path("state").asText(), "online"::equals);
        healthy("firewall");
        healthy("hello");
        assertThat(inside("nft list ruleset; cat /root/runs"))
                .contains("dport 8080")
                .containsOnlyOnce("begin")
                .containsOnlyOnce("end");
    }
}
