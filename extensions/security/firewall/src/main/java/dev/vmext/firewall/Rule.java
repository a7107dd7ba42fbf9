package dev.vmext.firewall;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One rule of the settings, checked: nothing in it can be anything but what its type says.
 *
 * @param services names for people; what they mean is in {@code traffic}
 * @param traffic one of these fits; never empty
 * @param interfaces none means all
 * @param log nothing is logged without it
 */
record Rule(
        String name,
        Action action,
        Direction direction,
        List<String> services,
        List<Traffic> traffic,
        List<Cidr> sources,
        List<Cidr> destinations,
        List<String> interfaces,
        @Nullable Log log,
        boolean counter) {
    Rule {
        checkedName(name);
        services = List.copyOf(services);
        traffic = List.copyOf(traffic);
        sources = Cidr.withoutOverlap(sources);
        destinations = Cidr.withoutOverlap(destinations);
        interfaces = interfaces.stream().distinct().toList();
    }

    static String checkedName(String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")) {
            throw new IllegalArgumentException(
                    "is not a name of at most 60 letters, digits, spaces, dots, hyphens and underscores");
        }
        return name;
    }

    enum Action {
        ACCEPT,
        DROP,
        REJECT
    }

    /** To this machine, from it, or through it. */
    enum Direction {
        IN,
        OUT,
        FORWARD
    }

    /**
     * Lines in the kernel log.
     *
     * @param prefix with which each begins
     * @param rate the most there are: {@code 10/second}
     */
    record Log(String prefix, String rate) {
        static final String USUAL_RATE = "10/second";

        Log {
            if (!prefix.matches("[A-Za-z0-9 ._:=/+-]{1,100}")) {
                throw new IllegalArgumentException("is not 1 to 100 letters, digits, spaces and ._:=/+-");
            }
            if (!rate.matches("[1-9][0-9]{0,4}/(second|minute|hour|day)")) {
                throw new IllegalArgumentException("is not a rate like 10/second, 5/minute, 100/hour or 100/day");
            }
        }

        static Log usual(String name) {
            return new Log("vmext-firewall " + name + ": ", USUAL_RATE);
        }

        Log withRate(String other) {
            return new Log(prefix, other);
        }

        /** How many may come at once: twice the rate, within reason. */
        int burst() {
            return Math.clamp(2L * Integer.parseInt(rate.substring(0, rate.indexOf('/'))), 5, 1000);
        }
    }

    static String interfaceName(String text) {
        if (!text.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")) {
            throw new IllegalArgumentException("is not the name of a network interface, like eth0");
        }
        return text;
    }

    /** Whether each packet that fits the other rule fits this one. */
    boolean covers(Rule other) {
        return direction == other.direction
                && other.traffic.stream().allMatch(o -> traffic.stream().anyMatch(t -> t.covers(o)))
                && covers(sources, other.sources)
                && covers(destinations, other.destinations)
                && (interfaces.isEmpty() || (!other.interfaces.isEmpty() && interfaces.containsAll(other.interfaces)));
    }

    private static boolean covers(List<Cidr> networks, List<Cidr> others) {
        return networks.isEmpty()
                || (!others.isEmpty()
                        && others.stream().allMatch(o -> networks.stream().anyMatch(n -> n.contains(o))));
    }

    /** For people: {@code web: accept in tcp ports 80,443 from 10.0.0.0/8}. */
    String text() {
        String text = name + ": " + word(action) + " " + word(direction) + " ";
        text += services.isEmpty()
                ? word(traffic.getFirst().protocol())
                        + listed(
                                "ports",
                                traffic.getFirst().ports().stream()
                                        .map(Ports::text)
                                        .toList())
                : String.join(",", services);
        text += listed("from", sources.stream().map(Cidr::text).toList());
        text += listed("to", destinations.stream().map(Cidr::text).toList());
        text += listed("on", interfaces);
        return text + (log != null ? ", logged" : "");
    }

    private static String listed(String word, List<String> items) {
        return items.isEmpty() ? "" : " " + word + " " + items.stream().collect(Collectors.joining(","));
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
