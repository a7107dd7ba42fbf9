package dev.vmext.firewall;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Turns settings into the text of one nftables transaction that replaces the table {@code inet vmext_firewall} and touches no
 * other. Pure: same settings, same text. All text in it comes from types that can hold nothing else than names, numbers and
 * addresses.
 */
final class RuleCompiler {
    static final String TABLE = "inet vmext_firewall";
    private static final Ports USUAL_PORT = new Ports(4320, 4320);

    private final FirewallSettings settings;
    private final ControlPlane controlPlane;
    private final StringBuilder out = new StringBuilder();

    private RuleCompiler(FirewallSettings settings, ControlPlane controlPlane) {
        this.settings = settings;
        this.controlPlane = controlPlane;
    }

    /**
     * Writes the transaction.
     *
     * @param controlPlane where the agent connects to
     */
    static String compile(FirewallSettings settings, ControlPlane controlPlane) {
        RuleCompiler compiler = new RuleCompiler(settings, controlPlane);
        compiler.table();
        return compiler.out.toString();
    }

    /** The transaction that takes the table away, whether it is there or not. */
    static String removal() {
        return "add table " + TABLE + "\ndelete table " + TABLE + "\n";
    }

    private void table() {
        out.append("# Written by vmext.Firewall from its settings; changes made here are lost.\n");
        // Adding it first makes deleting it safe; all of the file is one transaction, so there is no moment without
        // rules.
        out.append(removal());
        out.append("table ").append(TABLE).append(" {\n");
        chain("input", settings.dropByDefault() ? "drop" : "accept");
        line("iifname \"lo\" accept comment \"always: loopback\"");
        established();
        if (!settings.allowEstablished()) {
            repliesToTheAgent();
        }
        line("icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept"
                + " comment \"always: neighbours\"");
        line("udp sport 67 udp dport 68 accept comment \"always: DHCP\"");
        line("udp sport 547 udp dport 546 accept comment \"always: DHCPv6\"");
        rules(Rule.Direction.IN);
        end(settings.dropByDefault());

        chain("output", settings.dropOutbound() ? "drop" : "accept");
        line("oifname \"lo\" accept comment \"always: loopback\"");
        established();
        link("tcp dport", "ip daddr", "ip6 daddr", "");
        line("icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept"
                + " comment \"always: neighbours\"");
        line("udp dport { 67, 547 } accept comment \"always: DHCP\"");
        rules(Rule.Direction.OUT);
        end(settings.dropOutbound());

        // Without a rule about it, traffic through the machine is none of our business.
        if (settings.count(Rule.Direction.FORWARD) > 0) {
            chain("forward", "accept");
            established();
            rules(Rule.Direction.FORWARD);
            end(false);
        }
        out.append("}\n");
    }

    private void end(boolean drop) {
        if (drop && settings.logDefault()) {
            line(logged(Rule.Log.usual("default")));
        }
        line("counter comment \"default: " + (drop ? "drop" : "accept") + "\"");
        out.append("    }\n");
    }

    private static String logged(Rule.Log log) {
        return "limit rate " + log.rate() + " burst " + log.burst() + " packets log prefix \"" + log.prefix() + "\"";
    }

    private void chain(String hook, String policy) {
        out.append("    chain ").append(hook).append(" {\n");
        line("type filter hook " + hook + " priority filter; policy " + policy + ";");
    }

    private void established() {
        if (settings.allowEstablished()) {
            line("ct state established,related accept comment \"established\"");
        }
    }

    private void repliesToTheAgent() {
        link("tcp sport", "ip saddr", "ip6 saddr", "ct state established,related ct direction reply ");
    }

    /** The agent's way out, and the name service it needs on that way. */
    private void link(String port, String ipv4, String ipv6, String condition) {
        line(port + " " + set(controlPlanePorts().stream().map(Ports::text).toList()) + " " + condition
                + "accept comment \"always: control plane\"");
        if (settings.controlPlanePorts().isEmpty()) {
            for (ControlPlane.Endpoint endpoint : controlPlane.endpoints()) {
                endpoint.findAddress()
                        .filter(_ -> endpoint.allPorts())
                        .ifPresent(address -> line((address.isIpv4() ? ipv4 : ipv6) + " " + address.text() + " "
                                + condition + "accept comment \"always: control plane\""));
            }
        }
        String direction = port.substring(port.indexOf(' ') + 1);
        line("meta l4proto { tcp, udp } th " + direction + " 53 " + condition + "accept comment \"always: DNS\"");
    }

    private List<Ports> controlPlanePorts() {
        if (!settings.controlPlanePorts().isEmpty()) {
            return settings.controlPlanePorts();
        }
        List<Ports> used = controlPlane.endpoints().stream()
                .filter(e -> !e.allPorts())
                .map(e -> new Ports(e.port(), e.port()))
                .toList();
        return used.isEmpty() ? List.of(USUAL_PORT) : Ports.joined(used);
    }

    private void rules(Rule.Direction direction) {
        for (Rule rule : settings.rules()) {
            if (rule.direction() == direction) {
                for (String match : matches(rule)) {
                    Rule.Log log = rule.log();
                    if (log != null) {
                        line(match + logged(log));
                    }
                    line(match + (rule.counter() ? "counter " : "") + Rule.word(rule.action()) + " comment \"rule: "
                            + rule.name() + "\"");
                }
            }
        }
    }

    /** What a packet must be for this rule: one line per protocol, and per address family where addresses are given. */
    private static List<String> matches(Rule rule) {
        String link = rule.interfaces().isEmpty()
                ? ""
                : (rule.direction() == Rule.Direction.OUT ? "oifname " : "iifname ")
                        + set(rule.interfaces().stream().map(i -> '"' + i + '"').toList()) + " ";
        List<String> matches = new ArrayList<>();
        for (Traffic traffic : rule.traffic()) {
            String rest = protocol(traffic);
            if (rule.sources().isEmpty() && rule.destinations().isEmpty()) {
                matches.add(link + rest);
                continue;
            }
            for (boolean ipv4 : List.of(true, false)) {
                Optional<String> from = addresses(rule.sources(), ipv4, "saddr");
                Optional<String> to = addresses(rule.destinations(), ipv4, "daddr");
                if (from.isPresent() && to.isPresent()) {
                    matches.add(link + "meta nfproto " + (ipv4 ? "ipv4 " : "ipv6 ") + from.get() + to.get() + rest);
                }
            }
        }
        return matches;
    }

    /** Empty text where every address fits, no text at all where none of this family does. */
    private static Optional<String> addresses(List<Cidr> networks, boolean ipv4, String field) {
        List<Cidr> family = networks.stream().filter(n -> n.isIpv4() == ipv4).toList();
        if (networks.isEmpty() || family.stream().anyMatch(Cidr::isEverything)) {
            return Optional.of("");
        }
        return family.isEmpty()
                ? Optional.empty()
                : Optional.of((ipv4 ? "ip " : "ip6 ") + field + " "
                        + set(family.stream().map(Cidr::text).toList()) + " ");
    }

    private static String protocol(Traffic traffic) {
        boolean all = traffic.ports().isEmpty();
        String ports = set(traffic.ports().stream().map(Ports::text).toList());
        return switch (traffic.protocol()) {
            case TCP -> all ? "meta l4proto tcp " : "tcp dport " + ports + " ";
            case UDP -> all ? "meta l4proto udp " : "udp dport " + ports + " ";
            case ICMP -> "meta l4proto { icmp, ipv6-icmp } ";
            case ESP -> "meta l4proto esp ";
            case ANY -> all ? "" : "meta l4proto { tcp, udp } th dport " + ports + " ";
        };
    }

    private static String set(List<String> elements) {
        return elements.stream().collect(Collectors.joining(", ", "{ ", " }"));
    }

    private void line(String text) {
        out.append("        ").append(text).append('\n');
    }
}
