package dev.vmext.firewall;

import java.util.List;
import java.util.stream.Collectors;

/** One rule of the settings, checked: nothing in it can be anything but what its type says. */
record Rule(
        String name,
        Action action,
        Direction direction,
        Protocol protocol,
        List<Ports> ports,
        List<Cidr> sources,
        List<Cidr> destinations,
        boolean log,
        boolean counter) {
    Rule {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")) {
            throw new IllegalArgumentException(
                    "is not a name of at most 60 letters, digits, spaces, dots, hyphens and underscores");
        }
        ports = Ports.joined(ports);
        sources = Cidr.withoutOverlap(sources);
        destinations = Cidr.withoutOverlap(destinations);
    }

    enum Action {
        ACCEPT,
        DROP,
        REJECT
    }

    enum Direction {
        IN,
        OUT
    }

    enum Protocol {
        TCP,
        UDP,
        ICMP,
        ANY
    }

    /** For people: {@code web: accept in tcp ports 80,443 from 10.0.0.0/8}. */
    String text() {
        String text = name + ": " + word(action) + " " + word(direction) + " " + word(protocol);
        if (!ports.isEmpty()) {
            text += " ports " + ports.stream().map(Ports::text).collect(Collectors.joining(","));
        }
        if (!sources.isEmpty()) {
            text += " from " + sources.stream().map(Cidr::text).collect(Collectors.joining(","));
        }
        if (!destinations.isEmpty()) {
            text += " to " + destinations.stream().map(Cidr::text).collect(Collectors.joining(","));
        }
        return text + (log ? ", logged" : "");
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(java.util.Locale.ROOT);
    }
}
