package dev.vmext.firewall;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/** What the firewall should be, checked. */
record FirewallSettings(
        boolean dropByDefault, boolean allowEstablished, List<Ports> controlPlanePorts, List<Rule> rules) {
    private static final Ports USUAL_PORT = new Ports(4320, 4320);
    private static final int MOST_RULES = 1000;

    FirewallSettings {
        controlPlanePorts = Ports.joined(controlPlanePorts);
        rules = List.copyOf(rules);
    }

    static FirewallSettings from(Settings settings) {
        Fields fields = settings.publicFields();
        boolean drop = fields.getWord("defaultInbound", "drop", List.of("accept", "drop"))
                .equals("drop");
        boolean established = fields.getBoolean("allowEstablished", true);
        List<Ports> controlPlane = ports(fields, "controlPlanePorts");
        if (fields.has("controlPlanePorts") && controlPlane.isEmpty()) {
            throw fields.problem("controlPlanePorts", "it is empty, which could cut the machine off");
        }
        List<Rule> rules = rules(fields);
        fields.refuseUnknown();
        settings.protectedFields().refuseUnknown();
        return new FirewallSettings(
                drop, established, fields.has("controlPlanePorts") ? controlPlane : List.of(USUAL_PORT), rules);
    }

    private static List<Rule> rules(Fields fields) {
        List<Json> items = fields.getList("rules");
        if (items.size() > MOST_RULES) {
            throw fields.problem("rules", "there are more than " + MOST_RULES);
        }
        List<Rule> rules = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Json item : items) {
            Rule rule = rule(Fields.of("settings.rules[" + rules.size() + "]", item));
            if (!names.add(rule.name())) {
                throw HandlerException.badSettings(
                        "cannot use settings.rules[%d].name: there are two rules called %s"
                                .formatted(rules.size(), rule.name()),
                        "Give each rule a name of its own.");
            }
            rules.add(rule);
        }
        return rules;
    }

    private static Rule rule(Fields fields) {
        String name = fields.getString("name");
        if (!fields.has("action")) {
            throw fields.problem("action", "it is missing");
        }
        Rule.Action action = word(fields, "action", Rule.Action.ACCEPT, Rule.Action.values());
        Rule.Direction direction = word(fields, "direction", Rule.Direction.IN, Rule.Direction.values());
        Rule.Protocol protocol = word(fields, "protocol", Rule.Protocol.ANY, Rule.Protocol.values());
        List<Ports> ports = ports(fields, "ports");
        List<Cidr> sources = texts(fields, "sources", Cidr::parse);
        List<Cidr> destinations = texts(fields, "destinations", Cidr::parse);
        boolean log = fields.getBoolean("log", false);
        boolean counter = fields.getBoolean("counter", true);
        fields.refuseUnknown();
        if (protocol == Rule.Protocol.ICMP && !ports.isEmpty()) {
            throw fields.problem("ports", "icmp has no ports");
        }
        boolean fits = sources.isEmpty()
                || destinations.isEmpty()
                || sources.stream().anyMatch(s -> destinations.stream().anyMatch(d -> d.isIpv4() == s.isIpv4()));
        if (!fits) {
            throw fields.problem("destinations", "no source is of the same address family as a destination");
        }
        try {
            return new Rule(name, action, direction, protocol, ports, sources, destinations, log, counter);
        } catch (IllegalArgumentException e) {
            throw fields.problem("name", "it " + e.getMessage());
        }
    }

    private static <E extends Enum<E>> E word(Fields fields, String key, E otherwise, E[] values) {
        List<String> words = Arrays.stream(values).map(Rule::word).toList();
        String word = fields.getWord(key, Rule.word(otherwise), words);
        return Enum.valueOf(otherwise.getDeclaringClass(), word.toUpperCase(Locale.ROOT));
    }

    /** Ports may be written as numbers or, for ranges, as text. */
    private static List<Ports> ports(Fields fields, String key) {
        List<Ports> ports = new ArrayList<>();
        for (Json item : fields.getList(key)) {
            String text = switch (item) {
                case Json.Str(String value) -> value;
                case Json.Num(var number) -> number.toString();
                case Json.Obj _, Json.Arr _, Json.Bool _, Json.Null _ -> "";
            };
            ports.add(parsed(fields, key, ports.size(), text, Ports::parse));
        }
        return ports;
    }

    private static <T> List<T> texts(Fields fields, String key, Function<String, T> parser) {
        List<T> values = new ArrayList<>();
        for (String text : fields.getStrings(key)) {
            values.add(parsed(fields, key, values.size(), text, parser));
        }
        return values;
    }

    private static <T> T parsed(Fields fields, String key, int index, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw fields.problem(key + "[" + index + "]", "it " + e.getMessage());
        }
    }
}
