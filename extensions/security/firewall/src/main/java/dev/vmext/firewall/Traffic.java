package dev.vmext.firewall;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Packets of one protocol, to some or all destination ports.
 *
 * @param protocol any with ports means TCP and UDP
 * @param ports none means all
 */
record Traffic(Protocol protocol, List<Ports> ports) {
    Traffic {
        if (!protocol.hasPorts() && !ports.isEmpty()) {
            throw new IllegalArgumentException(Rule.word(protocol) + " has no ports");
        }
        ports = Ports.joined(ports);
    }

    /** Whether each packet of the other is one of these. */
    boolean covers(Traffic other) {
        boolean everyProtocol = protocol == Protocol.ANY && (ports.isEmpty() || other.protocol.hasPorts());
        if (protocol != other.protocol && !everyProtocol) {
            return false;
        }
        return ports.isEmpty()
                || (!other.ports.isEmpty()
                        && other.ports.stream().allMatch(o -> ports.stream().anyMatch(p -> p.contains(o))));
    }

    /** {@code tcp/80,443}. */
    String text() {
        String word = Rule.word(protocol);
        return ports.isEmpty()
                ? word
                : word + "/" + ports.stream().map(Ports::text).collect(Collectors.joining(","));
    }
}
