package dev.vmext.server;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Which of the gateway's names another machine should use. */
final class GatewayNames {
    /** Names that mean this host only to itself, or to the machines QEMU runs on it. */
    private static final Set<String> NEAR = Set.of("localhost", "127.0.0.1", "::1", "10.0.2.2");

    private GatewayNames() {}

    /** What the operator named comes first, then IPv4 addresses, then the rest, then what only this host can use. */
    static List<String> bestFirst(List<String> advertised, Collection<String> all) {
        List<String> names = new ArrayList<>(advertised);
        all.stream()
                .filter(name -> !names.contains(name))
                .sorted(Comparator.<String, Integer>comparing(GatewayNames::distance)
                        .thenComparing(name -> name))
                .forEach(names::add);
        return names;
    }

    private static int distance(String name) {
        if (NEAR.contains(name)) {
            return 2;
        }
        return name.matches("[0-9.]+") ? 0 : 1;
    }
}
