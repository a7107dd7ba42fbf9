package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * vmext.Firewall on a machine with systemd: packets seen from outside the machine, rules that are taken back when the control plane is
 * lost, repair, counters, an update, a start of the machine, a return to the version before, and removal. What the kernel did is asked of
 * {@code nft monitor}, which tells each transaction, and of the table itself.
 */
@Order(30)
@Tag("long")
class FirewallStoryIT extends MachineStory {
    private static final String NAME = "firewall";
    private static final String EXTENSION = "vmext.Firewall";
    private static final String TABLE = "inet vmext_firewall";
    private static final String NEWER = newerVersion();

    /** As short as the settings allow, so that nothing waits for long. */
    private static final String QUICK = "\"confirmSec\": 10, \"driftCheckSec\": 20";

    private static final String OPEN = """
            {"rules": [{"name": "test", "action": "accept", "protocol": "tcp", "ports": [8081], "log": true},
                       {"name": "ping", "action": "accept", "protocol": "icmp"}], %s}""".formatted(QUICK);
    private static final String CLOSED = """
            {"rules": [{"name": "ping", "action": "accept", "protocol": "icmp"}], %s}""".formatted(QUICK);

    private Outside outside;
    private String version = "";
    private String settings = "";

    @BeforeAll
    void look() throws Exception {
        JsonNode found = healthy(NAME);
        version = found.path("runningVersion").asText();
        settings = found.path("settings").toString();
        outside = new Outside(HOME.resolve("machines").resolve(machineId).resolve("qmp.sock"));
        // The table of somebody else, which has to be there in the end as it is now.
        inside("nft -f - <<'END'\ntable inet others { chain c { tcp dport 4242 counter accept; }; }\nEND");
        Traces.remember();
        Footprint.before();
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        outside.close();
        inside(
                "systemctl stop greeter.socket monitor cutter 2>/dev/null; rm -f /run/systemd/system/greeter*; systemctl daemon-reload;"
                        + "nft delete table inet cutter 2>/dev/null; nft delete table inet others 2>/dev/null; rm -rf /root/traces");
        want(NAME, EXTENSION, version, settings);
        healthy(NAME);
    }

    private JsonNode apply(String wanted) throws Exception {
        want(NAME, EXTENSION, version, wanted);
        return healthy(NAME);
    }

    private static String table() throws Exception {
        return inside("nft -s list table " + TABLE);
    }

    /** A service that greets everybody who gets through. */
    private static void greet() throws Exception {
        inside("""
                cd /run/systemd/system
                printf '[Socket]\\nListenStream=8081\\nAccept=yes\\n' > greeter.socket
                printf '[Service]\\nExecStart=/bin/echo hello\\nStandardOutput=socket\\n' > greeter@.service
                systemctl daemon-reload && systemctl start greeter.socket""");
    }

    /** Writes down every transaction of the kernel from now on. */
    private static void watchTheKernel() throws Exception {
        inside("""
                systemctl stop monitor 2>/dev/null; rm -f /run/monitor
                systemd-run --quiet --unit=monitor sh -c 'exec stdbuf -oL nft monitor > /run/monitor'
                until nft add table inet witness && nft delete table inet witness && grep -q witness /run/monitor; do :; done""");
    }

    /** How often rules were replaced since then. Each time the old table went and the new one came in one transaction. */
    private static int replacements() throws Exception {
        int count = 0;
        for (String transaction : inside("cat /run/monitor").split("# new generation", -1)) {
            int gone = transaction.lastIndexOf("delete table " + TABLE);
            if (gone >= 0) {
                assertThat(transaction.substring(gone)).contains("add table " + TABLE, "add rule " + TABLE + " input");
                count++;
            }
        }
        return count;
    }

    @Test
    @Order(1)
    void packetsFromOutsideFollowTheRulesWhichAreReplacedAtOnce() throws Exception {
        greet();
        watchTheKernel();
        apply(OPEN);
        assertThat(outside.reaches(8081)).isTrue();
        assertThat(inside("nft list table " + TABLE + "; journalctl -k -q --no-pager"))
                .containsPattern("counter packets [1-9].*rule: test")
                .contains("vmext-firewall test:");
        apply(CLOSED);
        assertThat(outside.reaches(8081)).isFalse();
        assertThat(inside("bash -c 'exec 3<>/dev/tcp/127.0.0.1/8081; cat <&3'"))
                .as("the service itself is well")
                .contains("hello");
        assertThat(replacements()).isEqualTo(2);
    }

    @Test
    @Order(2)
    void wrongSettingsAreNamedAndChangeNothing() throws Exception {
        String before = table();
        Api.Answer refused = api.put(ControlPlane.path("demo", NAME), """
                {"extension": "vmext.Firewall", "settings": {"rules": [{"name": "a", "action": "drop", "ports": [70000]}]}}""");
        assertThat(refused.status()).isBetween(400, 499);
        assertThat(refused.body().toString()).contains("/rules/0/ports/0");
        // The schema cannot know these; only the handler does.
        want(NAME, EXTENSION, version, """
                {"rules": [{"name": "a", "action": "drop", "sources": ["10.0.0.5/8"]}]}""");
        assertThat(failed(NAME).path("cause").toString()).contains("settings.rules[0].sources[0]", "10.0.0.0/8");
        want(NAME, EXTENSION, version, """
                {"controlPlanePorts": [1], "rules": [{"name": "out", "action": "drop", "direction": "out"}]}""");
        assertThat(failed(NAME).path("cause").toString()).contains("would lose its control plane at 10.0.2.2");
        assertThat(table()).isEqualTo(before);
    }

    /**
     * Between the new rules and the answer of the control plane somebody else's table cuts it off, until the rules before are back. That the
     * rules are blameless is the point: whatever the cause, a machine that loses its control plane goes back to what it had.
     */
    @Test
    @Order(3)
    void rulesComeBackWhenTheControlPlaneIsLost() throws Exception {
        inside("systemd-run --quiet --unit=cutter sh -c '"
                + "lost() { nft list table " + TABLE + " | grep -q \"rule: lost\"; }; until lost; do sleep 0.1; done;"
                + "nft add table inet cutter; nft add chain inet cutter out \"{ type filter hook output priority 10; }\";"
                + "nft add rule inet cutter out tcp dport " + gatewayPort() + " drop;"
                + "n=0; while lost && [ $n -lt 300 ]; do n=$((n + 1)); sleep 0.5; done; nft delete table inet cutter'");
        String before = table();
        want(NAME, EXTENSION, version, OPEN.replace("\"test\"", "\"lost\""));
        JsonNode view = Eventually.until(
                "the rules are taken back",
                GUEST,
                () -> installation(NAME),
                v -> v.toString().contains("the rules before are back"));
        assertThat(view.path("healthy").asBoolean()).isFalse();
        assertThat(table()).isEqualTo(before);
        assertThat(finding("rules-returned", "open").toString()).contains("10.0.2.2:" + gatewayPort());
        apply(OPEN);
        finding("rules-returned", "resolved");
        assertThat(outside.reaches(8081)).isTrue();
    }

    @Test
    @Order(4)
    void whatSomebodyElseChangesIsRepairedAndTold() throws Exception {
        String before = table();
        inside("nft flush chain " + TABLE + " input; nft insert rule " + TABLE + " input tcp dport 6666 accept;"
                + "until nft list table " + TABLE + " | grep -q 'rule: test'; do sleep 0.5; done");
        assertThat(table()).isEqualTo(before);
        assertThat(finding("rules-drifted", "resolved").toString())
                .contains("added: tcp dport 6666 accept", "missing: ");
        inside("nft delete table " + TABLE
                + "; until curl -s --unix-socket /run/vmext-firewall/metrics.sock http://localhost/metrics"
                + " | grep -q '^vmext_firewall_repairs_total 2'; do sleep 1; done");
        assertThat(table()).isEqualTo(before);
        healthy(NAME);
    }

    @Test
    @Order(5)
    void anUpdateHasNoMomentWithoutRules() throws Exception {
        publishAs(EXTENSION, NEWER);
        watchTheKernel();
        want(NAME, EXTENSION, NEWER, OPEN);
        onlyVersion(NEWER);
        // Whatever it replaced, it replaced at once; and the table is that of the new version.
        replacements();
        assertThat(table()).contains("rule: test");
        assertThat(outside.reaches(8081)).isTrue();
    }

    @Test
    @Order(6)
    void rulesAreThereAfterAStartOfTheMachineBeforeItsNetwork() throws Exception {
        reboot();
        assertThat(
                        inside(
                                "systemctl is-active vmext-firewall.service vmext-firewall-watch.timer vmext-firewall-metrics.socket"))
                .isEqualToIgnoringWhitespace("active active active");
        List<Long> entered = inside(
                        "systemctl show -P ActiveEnterTimestampMonotonic vmext-firewall.service systemd-networkd.service")
                .lines()
                .filter(line -> !line.isBlank())
                .map(Long::valueOf)
                .toList();
        assertThat(entered).hasSize(2);
        assertThat(entered.get(0)).isPositive().isLessThan(entered.get(1));
        assertThat(table()).contains("rule: test");
        healthy(NAME);
        greet();
        assertThat(outside.reaches(8081)).isTrue();
    }

    @Test
    @Order(7)
    void countersArriveAtTheControlPlane() throws Exception {
        // After the start of the machine they began anew, and one connection was let in since.
        Eventually.until(
                "the counters of the rule arrive",
                GUEST,
                () -> api.get(
                                "/v1/projects/default/machines/demo/metrics?name=vmext_firewall_rule_packets_total&match=rule=test")
                        .ok()
                        .path("series")
                        .path(0),
                series -> !series.path("ended").asBoolean()
                        && series.path("value").asDouble() >= 1);
        assertThat(api.get("/v1/projects/default/machines/demo/metrics?name=vmext_firewall_repairs_total")
                        .ok()
                        .path("series")
                        .path(0)
                        .path("value")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    @Order(8)
    void nothingStaysInMemory() throws Exception {
        Footprint taken = Footprint.of(NAME, "vmext-firewall");
        assertThat(taken.processes()).as(taken.toString()).isZero();
    }

    @Test
    @Order(9)
    void theWayBackToTheVersionBeforeHasNoMomentWithoutRulesEither() throws Exception {
        greet();
        watchTheKernel();
        want(NAME, EXTENSION, version, OPEN);
        onlyVersion(version);
        replacements();
        assertThat(table()).contains("rule: test");
        assertThat(outside.reaches(8081)).isTrue();
    }

    /** This version runs, and nothing of the other is left. */
    private void onlyVersion(String expected) throws Exception {
        healthy(NAME, expected);
        inside("until [ \"$(ls /var/lib/vmext-firewall/versions)\" = " + expected + " ]; do sleep 0.5; done");
    }

    @Test
    @Order(10)
    void removalLeavesNothing() throws Exception {
        inside(
                "nft list table inet others 2>/dev/null || nft -f - <<'END'\ntable inet others { chain c { tcp dport 4242 counter accept; }; }\nEND");
        uninstall(NAME);
        assertThat(outside.reaches(8081)).as("without the firewall").isTrue();
        inside("systemctl stop monitor greeter.socket; rm /run/systemd/system/greeter*; systemctl daemon-reload");
        assertThat(Traces.left()).isEmpty();
        assertThat(inside("systemctl list-units --all --plain --no-legend 'vmext-firewall-guard*'"))
                .isEmpty();
        assertThat(Traces.gone().lines())
                .as("what was there before and is of the firewall, and nothing else")
                .isNotEmpty()
                .allMatch(line -> line.contains("vmext-firewall") || line.contains("vmext_firewall"));
        assertThat(inside("nft list tables; ls /etc /var/lib /run /etc/systemd/system"))
                .contains("table inet others")
                .doesNotContain("vmext-firewall", "vmext_firewall");
        assertThat(inside("grep 'Removal of firewall' /var/log/vmext/agent.log | tail -n 1"))
                .contains("left behind: nothing");
    }

    private static int gatewayPort() throws IOException {
        return Api.JSON
                .readTree(Files.readString(HOME.resolve("run/server.json")))
                .path("gatewayPort")
                .asInt();
    }
}
