package dev.vmext.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RuleCompilerTest {
    static FirewallSettings settings(String json) {
        return FirewallSettings.from(new Settings(1, (Json.Obj) Json.parse(json), Json.object()));
    }

    private static String compile(String json) {
        return RuleCompiler.compile(settings(json), ControlPlane.none());
    }

    /** The lines of the compiled rules, without those that are always there. */
    private static List<String> rules(String... rules) {
        return compile("{\"rules\":[" + String.join(",", rules) + "]}")
                .lines()
                .map(String::strip)
                .filter(l -> l.contains("\"rule: ") || l.contains("log prefix"))
                .toList();
    }

    @Test
    void compilesTheWholeTableAsOneTransaction() {
        String text = RuleCompiler.compile(
                settings("""
                        {"rules": [{"name": "ssh", "action": "accept", "protocol": "tcp", "ports": [22], "sources": ["10.0.0.0/8"]},
                                   {"name": "no mail", "action": "reject", "direction": "out", "protocol": "tcp", "ports": [25]}]}"""), new ControlPlane(List.of(new ControlPlane.Endpoint("192.0.2.7", 80, true))));
        assertThat(text).isEqualTo("""
                # Written by vmext.Firewall from its settings; changes made here are lost.
                add table inet vmext_firewall
                delete table inet vmext_firewall
                table inet vmext_firewall {
                    chain input {
                        type filter hook input priority filter; policy drop;
                        iifname "lo" accept comment "always: loopback"
                        ct state established,related accept comment "established"
                        icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept comment "always: neighbours"
                        udp sport 67 udp dport 68 accept comment "always: DHCP"
                        udp sport 547 udp dport 546 accept comment "always: DHCPv6"
                        meta nfproto ipv4 ip saddr { 10.0.0.0/8 } tcp dport { 22 } counter accept comment "rule: ssh"
                        counter comment "default: drop"
                    }
                    chain output {
                        type filter hook output priority filter; policy accept;
                        oifname "lo" accept comment "always: loopback"
                        ct state established,related accept comment "established"
                        tcp dport { 4320 } accept comment "always: control plane"
                        ip daddr 192.0.2.7 accept comment "always: control plane"
                        meta l4proto { tcp, udp } th dport 53 accept comment "always: DNS"
                        icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept comment "always: neighbours"
                        udp dport { 67, 547 } accept comment "always: DHCP"
                        tcp dport { 25 } counter reject comment "rule: no mail"
                        counter comment "default: accept"
                    }
                }
                """);
    }

    @Test
    void withoutEstablishedTheAgentStillGetsItsAnswers() {
        assertThat(compile("{\"allowEstablished\": false}"))
                .doesNotContain("comment \"established\"")
                .contains(
                        "tcp sport { 4320 } ct state established,related ct direction reply accept",
                        "th sport 53 ct state established,related ct direction reply accept");
    }

    @Test
    void theControlPlaneComesBeforeEveryOutboundRule() {
        String text = compile("{\"rules\":[{\"name\":\"all\",\"action\":\"drop\",\"direction\":\"out\"}]}");
        assertThat(text.indexOf("always: control plane")).isPositive().isLessThan(text.indexOf("rule: all"));
        assertThatThrownBy(() -> settings("{\"controlPlanePorts\": []}")).hasMessageContaining("could cut");
    }

    @Test
    void keepsTheOrderOfRules() {
        assertThat(rules(
                        "{\"name\":\"b\",\"action\":\"drop\"}",
                        "{\"name\":\"a\",\"action\":\"accept\",\"counter\":false}"))
                .containsExactly("counter drop comment \"rule: b\"", "accept comment \"rule: a\"");
    }

    @Test
    void mixedAddressesBecomeOneRulePerFamily() {
        assertThat(rules("{\"name\":\"a\",\"action\":\"accept\",\"sources\":[\"10.0.0.1\",\"fd00::/8\"],"
                        + "\"destinations\":[\"0.0.0.0/0\",\"fd00::1\"]}"))
                .containsExactly(
                        "meta nfproto ipv4 ip saddr { 10.0.0.1 } counter accept comment \"rule: a\"",
                        "meta nfproto ipv6 ip6 saddr { fd00:0:0:0:0:0:0:0/8 } ip6 daddr { fd00:0:0:0:0:0:0:1 } counter accept"
                                + " comment \"rule: a\"");
        assertThat(rules("{\"name\":\"a\",\"action\":\"accept\",\"sources\":[\"10.0.0.1\"],"
                        + "\"destinations\":[\"10.0.0.0/8\",\"fd00::1\"]}"))
                .hasSize(1);
        assertThatThrownBy(() -> rules("{\"name\":\"a\",\"action\":\"accept\",\"sources\":[\"10.0.0.1\"],"
                        + "\"destinations\":[\"fd00::1\"]}"))
                .hasMessageContaining("address family");
    }

    @Test
    void joinsOverlappingPortsAndNetworks() {
        assertThat(rules(
                        "{\"name\":\"a\",\"action\":\"accept\",\"protocol\":\"udp\",\"ports\":[\"90-95\",80,\"81-89\",443,443],"
                                + "\"sources\":[\"10.1.0.0/16\",\"10.0.0.0/8\",\"10.2.3.4\"]}"))
                .containsExactly("meta nfproto ipv4 ip saddr { 10.0.0.0/8 } udp dport { 80-95, 443 } counter accept"
                        + " comment \"rule: a\"");
    }

    @Test
    void servicesBecomePortsOfTheirProtocols() {
        assertThat(rules("{\"name\":\"a\",\"action\":\"accept\",\"services\":[\"https\",\"dns\",\"http\",\"ipsec\"]}"))
                .containsExactly(
                        "tcp dport { 53, 80, 443 } counter accept comment \"rule: a\"",
                        "udp dport { 53, 500, 4500 } counter accept comment \"rule: a\"",
                        "meta l4proto esp counter accept comment \"rule: a\"");
        assertThat(
                        rules(
                                "{\"name\":\"a\",\"action\":\"accept\",\"services\":[\"dns\"],\"sources\":[\"10.0.0.0/8\",\"fd00::/8\"]}"))
                .hasSize(4);
        assertThat(
                        rules(
                                "{\"name\":\"a\",\"action\":\"accept\",\"services\":[\"ssh\"],\"protocol\":\"any\",\"ports\":[]}"))
                .as("what forms send along")
                .containsExactly("tcp dport { 22 } counter accept comment \"rule: a\"");
    }

    @Test
    void trafficThroughTheMachineHasAChainOnlyWhenARuleIsAboutIt() {
        assertThat(compile("{}")).doesNotContain("forward");
        assertThat(compile(
                        "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"direction\":\"forward\",\"services\":[\"postgresql\"],"
                                + "\"interfaces\":[\"docker0\"]}]}"))
                .endsWith("""
                            chain forward {
                                type filter hook forward priority filter; policy accept;
                                ct state established,related accept comment "established"
                                iifname { "docker0" } tcp dport { 5432 } counter drop comment "rule: a"
                                counter comment "default: accept"
                            }
                        }
                        """);
    }

    @Test
    void interfacesAreThoseAPacketLeavesByWhenItGoesOut() {
        assertThat(
                        rules(
                                "{\"name\":\"a\",\"action\":\"drop\",\"direction\":\"out\",\"interfaces\":[\"eth0\",\"eth0\",\"wg-1\"]}"))
                .containsExactly("oifname { \"eth0\", \"wg-1\" } counter drop comment \"rule: a\"");
    }

    @Test
    void otherOutboundTrafficCanBeDroppedAndLogged() {
        assertThat(compile("{\"defaultOutbound\":\"drop\",\"defaultInbound\":\"accept\",\"logDefault\":true}"))
                .contains("hook output priority filter; policy drop;", "hook input priority filter; policy accept;")
                .containsOnlyOnce(
                        "limit rate 10/second burst 20 packets log prefix \"vmext-firewall default: \"\n        counter comment \"default: drop\"");
    }

    @Test
    void keepsThePortsOpenThatTheAgentUses() {
        ControlPlane known = new ControlPlane(List.of(
                ControlPlane.Endpoint.parse("gw.example.com:443"), ControlPlane.Endpoint.parse("[fd00::1]:8443")));
        assertThat(RuleCompiler.compile(settings("{}"), known))
                .contains("tcp dport { 443, 8443 } accept comment \"always: control plane\"")
                .doesNotContain("4320", "fd00");
        assertThat(RuleCompiler.compile(settings("{\"controlPlanePorts\":[1]}"), known))
                .contains("tcp dport { 1 } accept comment \"always: control plane\"");
    }

    @Test
    void logsAsTold() {
        assertThat(
                        rules(
                                "{\"name\":\"a\",\"action\":\"drop\",\"log\":true,\"logPrefix\":\"no: \",\"logRate\":\"1/minute\"}"))
                .containsExactly(
                        "limit rate 1/minute burst 5 packets log prefix \"no: \"", "counter drop comment \"rule: a\"");
        assertThat(rules("{\"name\":\"a\",\"action\":\"drop\",\"logPrefix\":\"no: \",\"logRate\":\"1/minute\"}"))
                .hasSize(1);
    }

    @Test
    void everyServiceHasTrafficAndANameOfItsOwn() {
        assertThat(Service.names()).hasSizeGreaterThan(50).isSorted().doesNotHaveDuplicates();
        assertThat(Service.names()).contains("ssh", "http", "https", "dns", "ntp", "postgresql");
        for (String name : Service.names()) {
            assertThat(Service.find(name).orElseThrow().traffic()).isNotEmpty();
        }
    }

    @Test
    void logsWithALimitThatDoesNotChangeTheVerdict() {
        assertThat(rules("{\"name\":\"w-1\",\"action\":\"drop\",\"protocol\":\"icmp\",\"log\":true}"))
                .containsExactly(
                        "meta l4proto { icmp, ipv6-icmp } limit rate 10/second burst 20 packets"
                                + " log prefix \"vmext-firewall w-1: \"",
                        "meta l4proto { icmp, ipv6-icmp } counter drop comment \"rule: w-1\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\":\"a\\\" accept\",\"action\":\"drop\"}",
                "{\"name\":\"a\\naccept\",\"action\":\"drop\"}",
                "{\"name\":\"a\\n\",\"action\":\"drop\"}",
                "{\"name\":\"a;drop\",\"action\":\"drop\"}",
                "{\"name\":\"$x\",\"action\":\"drop\"}",
                "{\"name\":\"a\\\\\",\"action\":\"drop\"}",
                "{\"name\":\"\",\"action\":\"drop\"}",
                "{\"name\":\" \",\"action\":\"drop\"}",
                "{\"name\":\"ü\",\"action\":\"drop\"}",
                "{\"name\":\"a\",\"action\":\"drop; accept\"}",
                "{\"name\":\"a\",\"action\":\"DROP\"}",
                "{\"name\":\"a\"}",
                "{\"name\":\"a\",\"action\":\"drop\",\"direction\":\"in }\"}",
                "{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"tcp\",\"ports\":[\"22; drop\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"tcp\",\"ports\":[\"22 }\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"tcp\",\"ports\":[\"22\\n\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"tcp\",\"ports\":[0]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"tcp\",\"ports\":[65536]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"tcp\",\"ports\":[1.5]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"tcp\",\"ports\":[true]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"tcp\",\"ports\":[\"90-80\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"icmp\",\"ports\":[22]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"10.0.0.1 accept\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"10.0.0.5/8\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"10.0.0.0/33\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"10.1\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"256.0.0.1\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"example.com\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"fe80::1%eth0\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"::ffff:10.0.0.1\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"sources\":\"10.0.0.1\"}",
                "{\"name\":\"a\",\"action\":\"drop\",\"source\":[\"10.0.0.1\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"services\":[\"sssh\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"services\":[\"ssh\"],\"ports\":[22]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"services\":[\"ssh\"],\"protocol\":\"tcp\"}",
                "{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"esp\"}",
                "{\"name\":\"a\",\"action\":\"drop\",\"interfaces\":[\"eth0 drop\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"interfaces\":[\"averylongname123\"]}",
                "{\"name\":\"a\",\"action\":\"drop\",\"log\":true,\"logPrefix\":\"a\\\" drop\"}",
                "{\"name\":\"a\",\"action\":\"drop\",\"log\":true,\"logPrefix\":\"a\\n\"}",
                "{\"name\":\"a\",\"action\":\"drop\",\"log\":true,\"logRate\":\"10\"}",
                "{\"name\":\"a\",\"action\":\"drop\",\"log\":true,\"logRate\":\"0/second\"}",
                "{\"name\":\"a\",\"action\":\"drop\",\"log\":true,\"logRate\":\"1/second drop\"}",
            })
    void refusesWhatCouldBecomeAnythingButThisRule(String rule) {
        assertThatThrownBy(() -> rules(rule))
                .isInstanceOf(HandlerException.class)
                .hasMessageStartingWith("cannot use settings.rules[0]")
                .satisfies(e -> assertThat(((HandlerException) e).exitCode()).isEqualTo(53));
    }

    @Test
    void refusesTwoRulesOfOneName() {
        assertThatThrownBy(() -> rules("{\"name\":\"a\",\"action\":\"drop\"}", "{\"name\":\"a\",\"action\":\"drop\"}"))
                .hasMessage("cannot use settings.rules[1].name: there are two rules called a");
    }

    @Test
    void saysWhichNetworkWasProbablyMeant() {
        assertThatThrownBy(() -> rules("{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"10.0.0.5/8\"]}"))
                .hasMessageContaining("the network is 10.0.0.0/8");
    }
}
