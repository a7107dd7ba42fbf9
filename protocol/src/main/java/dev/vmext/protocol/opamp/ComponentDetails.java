package dev.vmext.protocol.opamp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One component and those below it. */
public record ComponentDetails(List<KeyValue> metadata, Map<String, ComponentDetails> subComponentMap)
        implements Message {
    static final ComponentDetails EMPTY = new ComponentDetails(List.of(), Map.of());

    public ComponentDetails {
        metadata = List.copyOf(metadata);
        subComponentMap = Message.sorted(subComponentMap);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.messages(1, metadata);
        out.entries(2, subComponentMap);
    }

    static ComponentDetails read(ProtoReader in) {
        List<KeyValue> metadata = new ArrayList<>();
        Map<String, ComponentDetails> subComponentMap = new TreeMap<>();
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> metadata.add(KeyValue.read(in));
                case 2 -> readEntry(in, subComponentMap);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new ComponentDetails(metadata, subComponentMap);
    }

    private static void readEntry(ProtoReader in, Map<String, ComponentDetails> into) {
        String key = "";
        ComponentDetails value = EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        into.put(key, value);
    }
}
