package dev.vmext.protocol.opamp;

import java.util.Map;
import java.util.TreeMap;

/** Components an agent is made of; the first time only their hash. */
public record AvailableComponents(Map<String, ComponentDetails> components, Bytes hash) implements Message {
    public AvailableComponents {
        components = Message.sorted(components);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.entries(1, components);
        out.bytes(2, hash);
    }

    static AvailableComponents read(ProtoReader in) {
        Map<String, ComponentDetails> components = new TreeMap<>();
        Bytes hash = Bytes.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> readEntry(in, components);
                case 2 -> hash = in.bytes();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new AvailableComponents(components, hash);
    }

    private static void readEntry(ProtoReader in, Map<String, ComponentDetails> into) {
        String key = "";
        ComponentDetails value = ComponentDetails.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = ComponentDetails.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        into.put(key, value);
    }
}
