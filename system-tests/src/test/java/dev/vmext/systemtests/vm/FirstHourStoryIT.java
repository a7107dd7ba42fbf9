package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A user's first hour on one real virtual machine, started with {@code vmext up}: installs, changes, kills, a forged package, a power cut. */
@Order(1)
class FirstHourStoryIT extends MachineStory {
    @Override
    boolean installsPackages() {
        return false;
    }

    @Test
    @Order(1)
    void whatWasDeclaredBeforeTheMachineExistedIsThere() throws Exception {
        assertThat(machine().path("state").asText()).isEqualTo("online");
        assertThat(healthy("firewall").path("state").asText()).isEqualTo("ready");
        assertThat(healthy("hello").path("state").asText()).isEqualTo("ready");
        assertThat(inside("curl -sS --unix-socket /run/vmext-metrics/node.sock http://localhost/metrics"))
                .contains("node_memory_MemTotal_bytes");
        Eventually.until(
                "the first backup is made",
                GUEST,
                () -> Api.JSON.readTree(
                        vmext("repository", "list", "-o", "json").out()),
                all -> all.findPath("lastBackup").isTextual());
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
        restartControlPlane();
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
        publish(folder, zip);
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
