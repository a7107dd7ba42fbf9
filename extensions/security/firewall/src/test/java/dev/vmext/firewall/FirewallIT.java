package dev.vmext.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the rules do to packets, and that nobody else's rules are touched. */
final class FirewallIT extends TwoNamespaces {
    @Test
    void realPacketsFollowTheRules() throws Exception {
        assertThat(connect(neighbour, "10.99.0.1", 81)).isEqualTo("connected");
        settings("""
                {"rules": [{"name": "web", "action": "accept", "protocol": "tcp", "ports": [80], "sources": ["10.99.0.0/24", "fd99::/64"]},
                           {"name": "ssh", "action": "reject", "protocol": "tcp", "ports": ["22"], "log": true},
                           {"name": "no mail", "action": "drop", "direction": "out", "protocol": "tcp", "ports": [25], "destinations": ["10.99.0.2"]}]}""");
        assertThat(handler("install")).isEqualTo("0 ");
        assertThat(handler("enable")).isEqualTo("0 ");

        assertThat(ruleset()).contains("policy drop", "comment \"rule: web\"", "vmext-firewall ssh: ");
        assertThat(connect(neighbour, "10.99.0.1", 80)).isEqualTo("connected");
        assertThat(connect(neighbour, "fd99::1", 80)).isEqualTo("connected");
        assertThat(connect(neighbour, "10.99.0.1", 22)).isEqualTo("refused");
        assertThat(connect(neighbour, "10.99.0.1", 81)).isEqualTo("no answer");
        assertThat(connect(neighbour, "fd99::1", 81)).isEqualTo("no answer");
        assertThat(connect(machine, "127.0.0.1", 81)).as("loopback").isEqualTo("connected");
        assertThat(connect(machine, "10.99.0.2", 25)).isEqualTo("no answer");
        assertThat(connect(machine, "10.99.0.2", 9999)).isEqualTo("connected");
        assertThat(Files.readString(base.resolve("status/1.status"))).contains("3 rules are in force", "packets");
    }

    @Test
    void noSettingsCutTheAgentsLink() throws Exception {
        settings("""
                {"defaultInbound": "drop", "allowEstablished": false,
                 "rules": [{"name": "nothing in", "action": "drop"}, {"name": "nothing out", "action": "drop", "direction": "out"}]}""");
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(connect(machine, "10.99.0.2", 9999)).isEqualTo("no answer");
        assertThat(connect(machine, "10.99.0.2", 4320)).isEqualTo("connected");
        assertThat(connect(machine, "fd99::2", 4320)).isEqualTo("connected");
        assertThat(connect(neighbour, "10.99.0.1", 80)).isEqualTo("no answer");
    }

    @Test
    void everyKindOfRuleIsUnderstoodByNft() throws Exception {
        List<String> rules = new ArrayList<>();
        for (String action : List.of("accept", "drop", "reject")) {
            for (String direction : List.of("in", "out")) {
                for (String protocol : List.of("tcp", "udp", "icmp", "any")) {
                    for (String sources : List.of("", "10.0.0.0/8", "0.0.0.0/0", "fd00::/8\", \"10.1.2.3")) {
                        rules.add("""
                                {"name": "rule %d", "action": "%s", "direction": "%s", "protocol": "%s", "log": %b, "counter": %b, \
                                "ports": [%s], "sources": [%s], "destinations": [%s]}""".formatted(
                                        rules.size(),
                                        action,
                                        direction,
                                        protocol,
                                        rules.size() % 2 == 0,
                                        rules.size() % 3 == 0,
                                        protocol.equals("icmp") ? "" : "1, \"80-90\", 65535",
                                        sources.isEmpty() ? "" : '"' + sources + '"',
                                        rules.size() % 5 == 0 ? "\"10.3.0.0/16\", \"::/0\"" : ""));
                    }
                }
            }
        }
        settings("{\"rules\": [" + String.join(", ", rules) + "]}");
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(ruleset()).contains("rule: rule 0", "rule: rule " + (rules.size() - 1));
    }

    @Test
    void replacesOnlyItsOwnTableAndRemovesAllOfIt() throws Exception {
        in(machine, "nft", "add table inet somebody_elses");
        settings("{}");
        handler("enable");
        settings("{\"defaultInbound\": \"accept\"}");
        handler("enable");
        assertThat(ruleset())
                .contains("table inet somebody_elses", "default: accept")
                .doesNotContain("default: drop");

        assertThat(handler("disable")).isEqualTo("0 ");
        assertThat(handler("disable")).as("may be repeated").isEqualTo("0 ");
        assertThat(ruleset()).contains("somebody_elses").doesNotContain("vmext_firewall");
        assertThat(connect(neighbour, "10.99.0.1", 81)).isEqualTo("connected");
        assertThat(folder.resolve("root/etc/vmext-firewall/rules.nft")).exists();

        assertThat(handler("uninstall")).isEqualTo("0 ");
        assertThat(folder.resolve("root/etc/vmext-firewall")).doesNotExist();
        assertThat(folder.resolve("root/var/lib/vmext-firewall")).doesNotExist();
    }

    @Test
    void theFileForTheNextBootLoadsByItself() throws Exception {
        settings("{\"rules\": [{\"name\": \"web\", \"action\": \"accept\", \"protocol\": \"tcp\", \"ports\": [80]}]}");
        handler("enable");
        String before = ruleset();
        in(machine, "nft", "flush", "ruleset");
        in(
                machine,
                "nft",
                "-f",
                folder.resolve("root/etc/vmext-firewall/rules.nft").toString());
        assertThat(ruleset().replaceAll("packets [0-9]+ bytes [0-9]+", ""))
                .isEqualTo(before.replaceAll("packets [0-9]+ bytes [0-9]+", ""));
    }

    @Test
    void servicesAndTrafficThroughTheMachineAreUnderstoodByNft() throws Exception {
        settings("""
                {"logDefault": true, "defaultOutbound": "drop",
                 "rules": [{"name": "all of them", "action": "accept", "services": [%s], "interfaces": ["m0", "lo"], "log": true, "logRate": "5/minute", "logPrefix": "seen "},
                           {"name": "through", "action": "reject", "direction": "forward", "services": ["postgresql"]},
                           {"name": "out", "action": "accept", "direction": "out", "services": ["smtp"], "destinations": ["10.99.0.0/24"]}]}""".formatted("\"" + String.join("\", \"", Service.names()) + "\""));
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(ruleset())
                .contains(
                        "chain forward",
                        "meta l4proto esp",
                        "limit rate 5/minute burst 10 packets log prefix \"seen \"");
        assertThat(connect(neighbour, "10.99.0.1", 22)).isEqualTo("connected");
        assertThat(connect(neighbour, "10.99.0.1", 81)).isEqualTo("no answer");
        assertThat(connect(machine, "10.99.0.2", 25)).isEqualTo("connected");
        assertThat(connect(machine, "10.99.0.2", 9999)).isEqualTo("no answer");
    }

    /** Tables as docker, fail2ban and libvirt make them. */
    @Test
    void livesBesideTheTablesOfOthers() throws Exception {
        in(machine, "sh", "-c", """
                nft -f - <<'END'
                table ip filter {
                  chain DOCKER { }
                  chain FORWARD { type filter hook forward priority filter; policy drop; jump DOCKER; }
                }
                table ip nat {
                  chain POSTROUTING { type nat hook postrouting priority srcnat; ip saddr 172.17.0.0/16 masquerade; }
                }
                table inet f2b-table {
                  set addr-set-sshd { type ipv4_addr; elements = { 10.99.0.2 } }
                  chain f2b-chain { type filter hook input priority -1; tcp dport 81 ip saddr @addr-set-sshd reject; }
                }
                table ip libvirt_network {
                  chain guest_input { type filter hook forward priority filter; }
                }
                END""");
        String others = ruleset();
        settings(
                "{\"rules\": [{\"name\": \"web\", \"action\": \"accept\", \"protocol\": \"tcp\", \"ports\": [80, 81]}]}");
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(ruleset()).startsWith(others);
        assertThat(connect(neighbour, "10.99.0.1", 80)).isEqualTo("connected");
        assertThat(connect(neighbour, "10.99.0.1", 81))
                .as("what fail2ban bans stays banned")
                .isEqualTo("refused");
        in(machine, "nft", "add element inet f2b-table addr-set-sshd { 10.99.0.3 }");
        assertThat(script("", "watch")).as("others may change what is theirs").isEqualTo("0 ");
        assertThat(handler("disable")).isEqualTo("0 ");
        assertThat(ruleset()).doesNotContain("vmext").contains("10.99.0.3", "DOCKER", "libvirt_network", "masquerade");
    }
}
