package dev.vmext.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.HandlerRun;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FirewallTest {
    @TempDir
    private Path folder;

    private FakeMachine machine;
    private Path base;
    private final ByteArrayOutputStream standardError = new ByteArrayOutputStream();
    private final Map<String, String> variables = new HashMap<>();

    @BeforeEach
    void layOutTheContractsFolders() throws Exception {
        machine = new FakeMachine(folder.resolve("machine"));
        base = folder.resolve("handlers/firewall/vmext.Firewall-1.0.0");
        Files.createDirectories(base.resolve("config"));
        Files.createDirectories(base.resolve("status"));
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "vmext.Firewall", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", \
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]""".formatted(folder, base, base, base));
        variables.put("ConfigSequenceNumber", "0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        settings("{\"rules\": [{\"name\": \"ssh\", \"action\": \"accept\", \"protocol\": \"tcp\", \"ports\": [22]}]}");
    }

    private void settings(String json) throws Exception {
        Files.writeString(
                base.resolve("config/0.settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": " + json + "}}]}");
    }

    private int run(String command) {
        PrintStream err = new PrintStream(standardError, true, StandardCharsets.UTF_8);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
        return new HandlerRun(
                        new Firewall(machine, machine.places()),
                        new HandlerRun.Surroundings(variables, base, 42, clock, err))
                .run(List.of(command));
    }

    private String status() throws Exception {
        return Files.readString(base.resolve("status/0.status"));
    }

    @Test
    void loadsRulesAndWritesThemDownForTheNextBoot() throws Exception {
        machine.withNft().withSystemd();
        assertThat(run("install")).isZero();
        assertThat(run("enable")).isZero();
        assertThat(machine.table)
                .contains("rule: ssh")
                .isEqualTo(Files.readString(machine.places().rules()));
        assertThat(Files.readString(machine.places().unit()))
                .contains(
                        "ExecStart=" + machine.root + "/usr/sbin/nft -f "
                                + machine.places().rules(),
                        "After=nftables");
        assertThat(machine.calls).contains("systemctl daemon-reload", "systemctl enable vmext-firewall.service");
        assertThat(machine.calls.indexOf("nft -c -f -")).isLessThan(machine.calls.indexOf("nft -f -"));
        assertThat(status())
                .contains("1 rules are in force: 1 inbound, 0 outbound; other inbound traffic: drop")
                .contains("ssh: accept in tcp ports 22", "at every boot");
    }

    @Test
    void rulesThatNftRefusesChangeNothing() throws Exception {
        machine.withNft();
        run("enable");
        String before = machine.table;
        machine.refusesRules = true;
        assertThat(run("enable")).isEqualTo(6);
        assertThat(machine.table).isEqualTo(before);
        assertThat(machine.places().rules()).hasContent(before);
        assertThat(status()).contains("cannot check the rules", "syntax error", "unchanged");
    }

    @Test
    void wrongSettingsNeverReachNft() throws Exception {
        machine.withNft();
        settings("{\"defaultInbound\": \"deny\"}");
        assertThat(run("enable")).isEqualTo(53);
        assertThat(machine.calls).isEmpty();
        assertThat(status()).contains("cannot use settings.defaultInbound: it is not one of accept, drop");
    }

    @Test
    void keepsTheServersAddressOpenWhenTheAgentNamesIt() throws Exception {
        machine.withNft();
        variables.put("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS", "10.0.2.2");
        run("enable");
        assertThat(machine.table).contains("ip daddr 10.0.2.2 accept");
        variables.put("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS", "evil.example accept; flush ruleset");
        assertThat(run("enable")).isZero();
        assertThat(machine.table).doesNotContain("evil");
    }

    @Test
    void saysSoWhenTheRulesWillNotSurviveABoot() throws Exception {
        machine.withNft().withSystemd();
        machine.systemctlFails = true;
        assertThat(run("enable")).isZero();
        assertThat(status()).contains("\"status\":\"warning\"", "will not be loaded at boot", "no bus");
    }

    @Test
    void disableTakesTheTableAwayAndKeepsTheFiles() throws Exception {
        machine.withNft().withSystemd();
        run("enable");
        assertThat(run("disable")).isZero();
        assertThat(machine.table).isEmpty();
        assertThat(machine.places().rules()).exists();
        assertThat(machine.calls).contains("systemctl disable --now vmext-firewall.service");
    }

    @Test
    void uninstallLeavesNothingAndKeepsAnNftThatWasThere() throws Exception {
        machine.withNft().withSystemd();
        run("install");
        run("enable");
        run("disable");
        assertThat(run("uninstall")).isZero();
        assertThat(run("uninstall")).as("may be repeated").isZero();
        try (Stream<Path> files = Files.walk(machine.root)) {
            assertThat(files.filter(Files::isRegularFile)).containsExactly(machine.root.resolve("usr/sbin/nft"));
        }
        assertThat(machine.calls).noneMatch(c -> c.startsWith("apt-get"));
    }

    @Test
    void bringsNftablesAndTakesExactlyThatAwayAgain() throws Exception {
        machine.listsAreStale = true;
        assertThat(run("install")).isZero();
        assertThat(machine.packages).contains("nftables", "libnftables1");
        assertThat(run("install")).as("may be repeated").isZero();
        run("enable");
        assertThat(run("uninstall")).isZero();
        assertThat(machine.packages).containsExactly("apt", "libc6");
        assertThat(machine.places().state()).doesNotExist();
    }

    @Test
    void leavesPackagesThatOthersNeedByNow() throws Exception {
        run("install");
        machine.packages.add("docker");
        machine.neededByOthers = "libnftables1";
        run("uninstall");
        assertThat(machine.packages).containsExactly("apt", "docker", "libc6", "libnftables1");
    }

    @Test
    void anUpdateKeepsThePackageForTheNewVersion() throws Exception {
        run("install");
        run("enable");
        variables.put("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.1");
        run("update");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        run("uninstall");
        assertThat(machine.packages).contains("nftables");

        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.1");
        run("install");
        run("uninstall");
        assertThat(machine.packages).as("what was added once is still known").doesNotContain("nftables");
    }

    @Test
    void aMissingNftIsExplained() throws Exception {
        assertThat(run("enable")).isEqualTo(52);
        assertThat(standardError.toString(StandardCharsets.UTF_8)).contains("no program nft", "nftables");
    }
}
