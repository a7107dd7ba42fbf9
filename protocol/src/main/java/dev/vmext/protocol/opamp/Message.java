package dev.vmext.protocol.opamp;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One Protocol Buffers message. Each record holds its field numbers in {@code writeTo} and in a static {@code read}, so that a
 * field is added in one file; {@code read} expects the length in front, as a nested message has it.
 */
interface Message {
    /** Writes the fields that are set, without a length. */
    void writeTo(ProtoWriter out);

    /** An unchangeable copy in key order: equal messages then have equal bytes, although the protocol does not ask for it. */
    static <V> Map<String, V> sorted(Map<String, ? extends V> entries) {
        if (entries.isEmpty()) {
            return Map.of();
        }
        TreeMap<String, V> copy = new TreeMap<>();
        for (Map.Entry<String, ? extends V> entry : entries.entrySet()) {
            copy.put(Objects.requireNonNull(entry.getKey()), Objects.requireNonNull(entry.getValue()));
        }
        return Collections.unmodifiableMap(copy);
    }
}
