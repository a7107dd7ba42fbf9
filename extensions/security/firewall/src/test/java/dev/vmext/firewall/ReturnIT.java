package dev.vmext.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Rules that cut off the control plane, rules that somebody else changes, and what the counters say. The control plane is a
 * listener in the neighbour, reached through a tunnel: its carrier is something that rules can cut without naming the control plane.
 */
final class ReturnIT extends TwoNamespaces {
    private static final String OLD = """
            {"confirmSec": 10,
             "rules": [{"name": "tunnel", "action": "accept", "protocol": "udp", "ports": [4789]},
                       {"name": "old", "action": "accept", "protocol": "tcp", "ports": [81]}]}""";
    private static final String CUTS_THE_TUNNEL = """
            {"confirmSec": 10,
             "rules": [{"name": "tunnel", "action": "accept", "protocol": "udp", "ports": [4789]},
                       {"name": "no vxlan", "action": "drop", "direction": "out", "protocol": "udp", "ports": [4789]}]}""";

    private void tunnel() throws Exception {
        for (var side : List.of(new Side(machine, 1, 2), new Side(neighbour, 2, 1))) {
            in(
                    side.namespace,
                    "ip",
                    "link",
                    "add",
                    "vx0",
                    "type",
                    "vxlan",
                    "id",
                    "7",
                    "dstport",
                    "4789",
                    "local",
                    "10.99.0." + side.own,
                    "remote",
                    "10.99.0." + side.other);
            in(side.namespace, "ip", "address", "add", "10.77.0." + side.own + "/24", "dev", "vx0");
            in(side.namespace, "ip", "link", "set", "vx0", "up");
        }
        gateway("10.77.0.2:4320");
        assertThat(connect(machine, "10.77.0.2", 4320)).isEqualTo("connected");
    }

    private record Side(long namespace, int own, int other) {}

    private String status() throws Exception {
        return Files.readString(base.resolve("status/1.status"));
    }

    @Test
    void rulesThatCutOffTheControlPlaneAreTakenBack() throws Exception {
        tunnel();
        settings(OLD);
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(status()).contains("10.77.0.2:4320 answers under these rules");
        String before = ruleset();

        settings(CUTS_THE_TUNNEL);
        assertThat(handler("enable"))
                .startsWith("6 ")
                .contains("did not answer within 10 seconds", "the rules before are back");
        assertThat(status()).contains("\"status\":\"error\"", "10.77.0.2:4320");
        assertThat(withoutCounts(ruleset())).isEqualTo(withoutCounts(before));
        assertThat(connect(machine, "10.77.0.2", 4320)).isEqualTo("connected");
        assertThat(findings()).singleElement().asString().contains("\"rules-returned\"", "\"open\"", "10.77.0.2:4320");
        assertThat(folder.resolve("root/etc/vmext-firewall/rules.nft"))
                .content()
                .contains("rule: old");

        settings(OLD.replace("\"old\"", "\"new\""));
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(findings()).hasSize(2).last().asString().contains("\"rules-returned\"", "\"resolved\"");
    }

    @Test
    void theFirstRulesAreTakenBackToNone() throws Exception {
        tunnel();
        settings(CUTS_THE_TUNNEL);
        assertThat(handler("enable")).startsWith("6 ");
        assertThat(ruleset()).doesNotContain("vmext_firewall");
        assertThat(folder.resolve("root/etc/vmext-firewall/rules.nft")).doesNotExist();
        assertThat(connect(machine, "10.77.0.2", 4320)).isEqualTo("connected");
    }

    /** A handler that died after loading confirms nothing; the guard does, at the end of the time. */
    @Test
    void theGuardTakesBackWhatADeadHandlerLeft() throws Exception {
        tunnel();
        settings(OLD);
        assertThat(handler("enable")).isEqualTo("0 ");
        settings(CUTS_THE_TUNNEL);
        Process process = start("enable");
        while (!Files.exists(folder.resolve("root/var/lib/vmext-firewall/wanted"))
                || !ruleset().contains("no vxlan")) {
            assertThat(process.isAlive()).isTrue();
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        assertThat(script("", "guard")).startsWith("0 ").contains("the rules before are back");
        assertThat(ruleset()).contains("rule: old").doesNotContain("no vxlan");
        assertThat(status()).contains("\"status\":\"error\"", "was lost within 10 seconds");
        assertThat(findings()).singleElement().asString().contains("rules-returned");
        assertThat(script("", "guard")).as("there is nothing left to do").isEqualTo("0 ");
    }

    @Test
    void aStartOfTheMachineLoadsNothingThatNobodyConfirmed() throws Exception {
        tunnel();
        settings(OLD);
        assertThat(handler("enable")).isEqualTo("0 ");
        settings(CUTS_THE_TUNNEL);
        Process process = start("enable");
        while (!ruleset().contains("no vxlan")) {
            assertThat(process.isAlive()).isTrue();
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        in(machine, "nft", "flush", "ruleset");
        assertThat(script("", "boot")).startsWith("0 ").contains("before the newest rules were confirmed");
        assertThat(ruleset()).contains("rule: old").doesNotContain("no vxlan");
    }

    @Test
    void aControlPlaneThatWasGoneBeforeIsNotHeldAgainstTheRules() throws Exception {
        gateway("10.99.0.2:4321");
        settings(OLD);
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(status()).contains("\"status\":\"warning\"", "did not answer before these rules were loaded");
        assertThat(ruleset()).contains("rule: old");
        assertThat(findings()).isEmpty();
    }

    @Test
    void whatSomebodyElseChangesIsRepairedAndTold() throws Exception {
        settings(OLD);
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(script("", "watch")).isEqualTo("0 ");
        String before = ruleset();
        in(machine, "nft", "insert rule inet vmext_firewall input tcp dport 80 accept");
        assertThat(connect(neighbour, "10.99.0.1", 80)).isEqualTo("connected");

        assertThat(script("", "watch")).startsWith("0 ").contains("added: tcp dport 80 accept", "in force again");
        assertThat(withoutCounts(ruleset())).isEqualTo(withoutCounts(before));
        assertThat(connect(neighbour, "10.99.0.1", 80)).isEqualTo("no answer");
        assertThat(findings()).hasSize(2);
        assertThat(findings().getFirst()).contains("\"rules-drifted\"", "\"open\"", "added: tcp dport 80 accept");
        assertThat(findings().getLast()).contains("\"rules-drifted\"", "\"resolved\"");

        in(
                machine,
                "nft",
                "flush chain inet vmext_firewall input; insert rule inet vmext_firewall input tcp dport 80 accept");
        assertThat(script("", "watch")).startsWith("0 ");
        assertThat(findings().get(2))
                .as("what was let in is told, however much is missing beside it")
                .contains("added: tcp dport 80 accept", "missing: ");

        in(machine, "nft", "flush", "ruleset");
        assertThat(script("", "watch")).startsWith("0 ").contains("the table is gone");
        assertThat(withoutCounts(ruleset())).isEqualTo(withoutCounts(before));
        assertThat(script("GET /metrics HTTP/1.1\r\n\r\n", "metrics")).contains("vmext_firewall_repairs_total 3");
    }

    @Test
    void theSameRulesAgainChangeNothingAndKeepTheCounters() throws Exception {
        // A fresh interface tells its neighbours of itself over IPv6 at times of its own choice, which would count.
        in(machine, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6");
        settings(OLD);
        handler("enable");
        connect(neighbour, "10.99.0.1", 81);
        String before = ruleset();
        assertThat(before).doesNotContain("packets 0 bytes 0 accept comment \"rule: old\"");
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(status()).contains("in force already");
        assertThat(ruleset()).isEqualTo(before);
        in(machine, "nft", "delete table inet vmext_firewall");
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(ruleset()).as("what is gone is loaded again").contains("rule: old");
    }

    @Test
    void countersAreMetrics() throws Exception {
        settings("""
                {"rules": [{"name": "web", "action": "accept", "protocol": "tcp", "ports": [80], "sources": ["10.99.0.0/24", "fd99::/64"]},
                           {"name": "no mail", "action": "reject", "direction": "out", "services": ["smtp"]},
                           {"name": "quiet", "action": "drop", "counter": false}]}""");
        handler("enable");
        connect(neighbour, "10.99.0.1", 80);
        connect(neighbour, "fd99::1", 80);
        connect(machine, "10.99.0.2", 25);
        String text = script("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", "metrics");
        assertThat(text)
                .startsWith("0 HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4")
                .contains(
                        "# TYPE vmext_firewall_rule_packets_total counter\n",
                        "vmext_firewall_rule_packets_total{rule=\"web\",direction=\"in\",action=\"accept\"} 2\n",
                        "vmext_firewall_rule_packets_total{rule=\"no mail\",direction=\"out\",action=\"reject\"} 1\n",
                        "vmext_firewall_default_packets_total{direction=\"in\",action=\"drop\"}",
                        "vmext_firewall_table_loaded 1\n",
                        "vmext_firewall_rules_confirmed 1\n",
                        "vmext_firewall_repairs_total 0\n")
                .doesNotContain("quiet");
        String body = text.substring(text.indexOf("\r\n\r\n") + 4);
        assertThat(text).contains("Content-Length: " + body.length() + "\r\n");
        assertThat(script("GET / HTTP/1.1\r\n\r\n", "metrics")).startsWith("0 HTTP/1.1 404 ");
        in(machine, "nft", "delete table inet vmext_firewall");
        assertThat(script("GET /metrics HTTP/1.1\n\n", "metrics")).contains("vmext_firewall_table_loaded 0");
    }

    private static String withoutCounts(String rules) {
        return rules.replaceAll("packets [0-9]+ bytes [0-9]+", "");
    }
}
