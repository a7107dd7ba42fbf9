package dev.vmext.firewall;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the rules of the settings; what it refuses it names by its place. Pure. */
final class RuleReader {
    private static final int MOST_RULES = 1000;

    private RuleReader() {}

    static List<Rule> rules(Fields settings) {
        List<Json> items = settings.getList("rules");
        if (items.size() > MOST_RULES) {
            throw settings.problem("rules", "there are more than " + MOST_RULES);
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
        String text = fields.getString("name");
        String name = checked(fields, "name", () -> Rule.checkedName(text));
        if (!fields.has("action")) {
            throw fields.problem("action", "it is missing");
        }
        Rule.Action action = word(fields, "action", Rule.Action.ACCEPT, List.of(Rule.Action.values()));
        Rule.Direction direction = word(fields, "direction", Rule.Direction.IN, List.of(Rule.Direction.values()));
        List<String> services = fields.getStrings("services");
        List<Traffic> traffic = services.isEmpty() ? List.of(traffic(fields)) : named(fields);
        List<Cidr> sources = texts(fields, "sources", Cidr::parse);
        List<Cidr> destinations = texts(fields, "destinations", Cidr::parse);
        List<String> interfaces = texts(fields, "interfaces", Rule::interfaceName);
        Rule.@Nullable Log log = log(fields, name);
        boolean counter = fields.getBoolean("counter", true);
        fields.refuseUnknown();
        boolean fits = sources.isEmpty()
                || destinations.isEmpty()
                || sources.stream().anyMatch(s -> destinations.stream().anyMatch(d -> d.isIpv4() == s.isIpv4()));
        if (!fits) {
            throw fields.problem("destinations", "no source is of the same address family as a destination");
        }
        return new Rule(name, action, direction, services, traffic, sources, destinations, interfaces, log, counter);
    }

    private static Traffic traffic(Fields fields) {
        Protocol protocol = word(
                fields, "protocol", Protocol.ANY, List.of(Protocol.TCP, Protocol.UDP, Protocol.ICMP, Protocol.ANY));
        try {
            return new Traffic(protocol, ports(fields, "ports"));
        } catch (IllegalArgumentException e) {
            throw fields.problem("ports", String.valueOf(e.getMessage()));
        }
    }

    private static List<Traffic> named(Fields fields) {
        // The defaults of both are no contradiction: forms send them along.
        Traffic beside = traffic(fields);
        if (beside.protocol() != Protocol.ANY) {
            throw fields.problem("protocol", "the rule names services already; make two rules of it");
        }
        if (!beside.ports().isEmpty()) {
            throw fields.problem("ports", "the rule names services already; make two rules of it");
        }
        List<Service> services = texts(
                fields,
                "services",
                text -> Service.find(text)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "is no service this extension knows; name protocol and ports instead")));
        return Service.joined(services);
    }

    private static Rule.@Nullable Log log(Fields fields, String name) {
        boolean log = fields.getBoolean("log", false);
        Rule.Log usual = Rule.Log.usual(name);
        String prefix = fields.findString("logPrefix").orElse(usual.prefix());
        String rate = fields.findString("logRate").orElse(usual.rate());
        Rule.Log made = checked(
                fields,
                "logRate",
                () -> checked(fields, "logPrefix", () -> new Rule.Log(prefix, usual.rate()))
                        .withRate(rate));
        return log ? made : null;
    }

    private static <T> T checked(Fields fields, String key, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw fields.problem(key, "it " + e.getMessage());
        }
    }

    static <E extends Enum<E>> E word(Fields fields, String key, E otherwise, List<E> values) {
        List<String> words = values.stream().map(Rule::word).toList();
        String word = fields.getWord(key, Rule.word(otherwise), words);
        return Enum.valueOf(otherwise.getDeclaringClass(), word.toUpperCase(Locale.ROOT));
    }

    /** Ports may be written as numbers or, for ranges, as text. */
    static List<Ports> ports(Fields fields, String key) {
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
