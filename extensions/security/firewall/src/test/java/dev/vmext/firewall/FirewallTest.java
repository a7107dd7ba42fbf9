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
        scripts(base);
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "vmext.Firewall", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", \
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]""".formatted(folder, base, base, base));
        variables.put("ConfigSequenceNumber", "0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        settings("{\"rules\": [{\"name\": \"ssh\", \"action\": \"accept\", \"protocol\": \"tcp\", \"ports\": [22]}]}");
    }

    private static void scripts(Path base) throws Exception {
        Files.createDirectories(base.resolve("bin"));
        Files.writeString(base.resolve("bin/firewall-rules"), "#!/bin/sh\n");
        Files.writeString(base.resolve("bin/vmext-finding"), "#!/bin/sh\n");
    }

    private void agentFile(String gateways) throws Exception {
        Files.createDirectories(machine.root.resolve("etc/vmext"));
        Files.writeString(machine.places().agentFile(), "{\"version\": 1, \"gateways\": [" + gateways + "]}");
    }

    private Path unit() {
        return machine.places().unitFolder().resolve("vmext-firewall.service");
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
        assertThat(Files.readString(unit()))
                .contains(
                        "ExecStart=/bin/sh " + machine.places().current() + "/firewall-rules boot",
                        "After=nftables.service",
                        "ReloadPropagatedFrom=nftables.service");
        assertThat(machine.calls)
                .contains(
                        "systemctl daemon-reload",
                        "systemctl enable vmext-firewall.service vmext-firewall-watch.timer vmext-firewall-metrics.socket",
                        "systemctl restart vmext-firewall-watch.timer vmext-firewall-metrics.socket")
                .as("systemd reads all its units anew for each change of them")
                .filteredOn(call -> call.startsWith("systemctl"))
                .hasSize(3);
        assertThat(Files.readString(machine.places().versions().resolve("1.0.0/environment")))
                .contains("VERSION='1.0.0'", "CONFIRM='60'", "SYSTEMD='1'", "STATUS='" + base + "/status/0.status'");
        assertThat(status())
                .contains("1 rules are in force: 1 inbound, 0 outbound; other inbound traffic: drop")
                .contains("ssh: accept in tcp ports 22", "at every boot", "answers under these rules");
    }

    @Test
    void theAgentIsToldWhereTheCountersAre() throws Exception {
        machine.withNft();
        assertThat(run("enable")).isZero();
        assertThat(base.resolve("config/monitoring.json")).content().doesNotContain("metrics.sock");
        machine.withSystemd();
        assertThat(run("enable")).isZero();
        assertThat(base.resolve("config/monitoring.json"))
                .content()
                .contains("\"socket\":\"" + machine.places().socket() + "\"", "\"path\":\"/metrics\"");
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
        variables.put("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS", "127.0.0.1");
        assertThat(run("enable")).isZero();
        assertThat(machine.table).doesNotContain("127.0.0.1");
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
        assertThat(machine.calls)
                .contains(
                        "systemctl disable --now vmext-firewall-guard.timer vmext-firewall-watch.timer vmext-firewall-metrics.socket vmext-firewall.service");
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
            assertThat(files.filter(Files::isRegularFile)
                            // Locks of all extensions, in memory.
                            .filter(file -> !file.startsWith(machine.root.resolve("run/lock"))))
                    .containsExactly(machine.root.resolve("usr/sbin/nft"));
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

    /** The old version is taken away before the new one is there: what agents do that know no other order. */
    @Test
    void anUpdateInPlaceKeepsThePackageForTheNewVersion() throws Exception {
        run("install");
        run("enable");
        run("disable");
        asVersion("1.0.1", "update");
        run("uninstall");
        assertThat(machine.packages).contains("nftables");
        asVersion("1.0.1", "install");
        asVersion("1.0.1", "enable");
        assertThat(machine.table).contains("rule: ssh");
        asVersion("1.0.1", "uninstall");
        assertThat(machine.packages).as("what was added once is still known").containsExactly("apt", "libc6");
    }

    @Test
    void aDowngradeInPlaceKeepsThePackageToo() throws Exception {
        asVersion("1.0.1", "install");
        asVersion("1.0.1", "enable");
        asVersion("1.0.1", "disable");
        variables.put("VERSION", "1.0.0");
        asVersion("1.0.1", "update");
        variables.remove("VERSION");
        asVersion("1.0.1", "uninstall");
        assertThat(machine.packages).contains("nftables");
        run("install");
        run("uninstall");
        assertThat(machine.packages).containsExactly("apt", "libc6");
    }

    @Test
    void aNewVersionBesideTheOldOneTakesOverWithoutAMomentWithoutRules() throws Exception {
        machine.withNft().withSystemd();
        run("install");
        run("enable");
        asVersion("1.0.1", "update");
        asVersion("1.0.1", "install");
        settings("{\"defaultInbound\": \"accept\"}");
        asVersion("1.0.1", "enable");
        assertThat(machine.table).contains("default: accept");
        String loaded = machine.table;
        machine.calls.clear();
        run("disable");
        run("uninstall");
        assertThat(machine.table).isEqualTo(loaded);
        assertThat(machine.calls).as("nothing is stopped").isEmpty();
        assertThat(machine.places().versions().resolve("1.0.0")).doesNotExist();
        asVersion("1.0.1", "disable");
        asVersion("1.0.1", "uninstall");
        assertThat(machine.table).isEmpty();
        assertThat(machine.places().state()).doesNotExist();
    }

    @Test
    void aNewVersionThatFailsGivesTheOldOneItsRulesBack() throws Exception {
        machine.withNft().withSystemd();
        run("install");
        run("enable");
        String before = machine.table;
        asVersion("1.0.1", "update");
        asVersion("1.0.1", "install");
        settings("{\"defaultInbound\": \"accept\"}");
        asVersion("1.0.1", "enable");
        machine.calls.clear();
        asVersion("1.0.1", "disable");
        asVersion("1.0.1", "uninstall");
        assertThat(machine.table).isEqualTo(before);
        assertThat(machine.places().current().toRealPath()).hasFileName("1.0.0");
        assertThat(machine.calls)
                .noneMatch(c -> c.startsWith("nft"))
                .contains("systemctl restart vmext-firewall-watch.timer vmext-firewall-metrics.socket");
        assertThat(unit()).exists();
    }

    @Test
    void rulesThatCutOffTheControlPlaneAreAnErrorThatSaysSo() throws Exception {
        machine.withNft();
        agentFile("\"10.0.2.2:4320\"");
        run("enable");
        String before = machine.table;
        machine.controlPlaneIsLost = true;
        settings("{\"rules\": []}");
        assertThat(run("enable")).isEqualTo(6);
        assertThat(machine.table).isEqualTo(before);
        assertThat(status())
                .contains(
                        "\"status\":\"error\"",
                        "the control plane at 10.0.2.2:4320 did not answer within 60 seconds",
                        "the rules before are back");
    }

    @Test
    void saysWhenNobodyCouldAskTheControlPlane() throws Exception {
        machine.withNft();
        machine.outcome = "unreachable";
        agentFile("\"10.0.2.2:4320\"");
        assertThat(run("enable")).isZero();
        assertThat(status()).contains("\"status\":\"warning\"", "10.0.2.2:4320 did not answer before");
    }

    @Test
    void theStatusForALossAfterwardsIsReadyBeforehand() throws Exception {
        machine.withNft();
        agentFile("\"[fd00::1]:4320\", \"gw.example.com:443\"");
        run("enable");
        assertThat(Files.readString(machine.places().versions().resolve("1.0.0/returned.status")))
                .contains("\"status\":\"error\"", "[fd00::1]:4320, gw.example.com:443 was lost within 60 seconds");
        assertThat(Files.readString(machine.places().versions().resolve("1.0.0/environment")))
                .contains("LINKS='fd00::1 4320\ngw.example.com 443'");
    }

    @Test
    void aGatewayThatIsNoAddressNeverReachesAScript() throws Exception {
        machine.withNft();
        agentFile("\"$(reboot):4320\"");
        assertThat(run("enable")).isZero();
        assertThat(Files.readString(machine.places().versions().resolve("1.0.0/environment")))
                .contains("LINKS=''");
        assertThat(machine.table).contains("tcp dport { 4320 } accept comment \"always: control plane\"");
    }

    @Test
    void settingsThatWouldCutTheMachineOffAreRefusedBeforeAnythingIsTouched() throws Exception {
        machine.withNft();
        agentFile("\"10.0.2.2:4320\"");
        settings(
                "{\"controlPlanePorts\": [443], \"rules\": [{\"name\": \"out\", \"action\": \"drop\", \"direction\": \"out\"}]}");
        assertThat(run("enable")).isEqualTo(53);
        assertThat(machine.calls).isEmpty();
        assertThat(status())
                .contains(
                        "would lose its control plane at 10.0.2.2:4320, because the rule out would drop it",
                        "Add 4320");
    }

    private void asVersion(String version, String command) throws Exception {
        Path mine = base;
        String own = String.valueOf(variables.get("AZURE_GUEST_AGENT_EXTENSION_VERSION"));
        base = base.resolveSibling("vmext.Firewall-" + version);
        if (!Files.exists(base)) {
            for (String part : List.of("config", "status")) {
                Files.createDirectories(base.resolve(part));
            }
            scripts(base);
            Files.writeString(
                    base.resolve("HandlerEnvironment.json"),
                    Files.readString(mine.resolve("HandlerEnvironment.json"))
                            .replace(mine.toString(), base.toString()));
        }
        Files.writeString(base.resolve("config/0.settings"), Files.readString(mine.resolve("config/0.settings")));
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", version);
        assertThat(run(command)).as(command).isZero();
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", own);
        base = mine;
    }

    @Test
    void aMissingNftIsExplained() throws Exception {
        assertThat(run("enable")).isEqualTo(52);
        assertThat(standardError.toString(StandardCharsets.UTF_8)).contains("no program nft", "nftables");
    }
}
