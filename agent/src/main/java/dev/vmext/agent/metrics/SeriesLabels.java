package dev.vmext.agent.metrics;

import dev.vmext.protocol.metrics.SeriesKey;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The labels of one source: its own on every series, and those of an answer beside them. A label of an answer that is called like one of the
 * source's becomes {@code exported_<name>}; names that start with two underscores are reserved and left out. Immutable.
 */
final class SeriesLabels {
    /** What the control plane adds when it hands series out. */
    private static final Set<String> ADDED_LATER = Set.of("machine");

    private final Map<String, String> own;

    private SeriesLabels(Map<String, String> own) {
        this.own = own;
    }

    static SeriesLabels ofEndpoint(String installation, String source, Map<String, String> declared) {
        Map<String, String> own = new TreeMap<>(declared);
        own.put("installation", installation);
        own.put("source", source);
        return new SeriesLabels(own);
    }

    static SeriesLabels ofProbe(String installation, String probe) {
        return new SeriesLabels(
                new TreeMap<>(Map.of("installation", installation, "source", "probes", "probe", probe)));
    }

    /** A series of the source itself. */
    SeriesKey key(String name) {
        return new SeriesKey(name, new TreeMap<>(own));
    }

    /** A series of an answer. Throws {@link IllegalArgumentException} when something about it is too long. */
    SeriesKey key(String name, Map<String, String> told) {
        TreeMap<String, String> all = new TreeMap<>(own);
        told.forEach((label, value) -> {
            if (!label.startsWith("__") && !value.isEmpty()) {
                String free = label;
                while (own.containsKey(free)
                        || ADDED_LATER.contains(free)
                        || (!free.equals(label) && told.containsKey(free))) {
                    free = "exported_" + free;
                }
                all.put(free, value);
            }
        });
        return new SeriesKey(name, all);
    }
}
