package dev.vmext.protocol.opamp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Health of one component and of those below it. The root is the agent itself. Times are nanoseconds since 1970; a
 * start time of 0 means not running.
 */
public record ComponentHealth(
        boolean healthy,
        long startTimeUnixNano,
        String lastError,
        String status,
        long statusTimeUnixNano,
        Map<String, ComponentHealth> componentHealthMap,
        List<KeyValue> attributes)
        implements Message {
    static final ComponentHealth EMPTY = new ComponentHealth(false, 0, "", "", 0, Map.of(), List.of());

    public ComponentHealth {
        componentHealthMap = Message.sorted(componentHealthMap);
        attributes = List.copyOf(attributes);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.bool(1, healthy);
        out.fixed64(2, startTimeUnixNano);
        out.string(3, lastError);
        out.string(4, status);
        out.fixed64(5, statusTimeUnixNano);
        out.entries(6, componentHealthMap);
        out.messages(7, attributes);
    }

    static ComponentHealth read(ProtoReader in) {
        boolean healthy = false;
        long startTimeUnixNano = 0;
        String lastError = "";
        String status = "";
        long statusTimeUnixNano = 0;
        Map<String, ComponentHealth> componentHealthMap = new TreeMap<>();
        List<KeyValue> attributes = new ArrayList<>();
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> healthy = in.bool();
                case 2 -> startTimeUnixNano = in.fixed64();
                case 3 -> lastError = in.string();
                case 4 -> status = in.string();
                case 5 -> statusTimeUnixNano = in.fixed64();
                case 6 -> readEntry(in, componentHealthMap);
                case 7 -> attributes.add(KeyValue.read(in));
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new ComponentHealth(
                healthy, startTimeUnixNano, lastError, status, statusTimeUnixNano, componentHealthMap, attributes);
    }

    private static void readEntry(ProtoReader in, Map<String, ComponentHealth> into) {
        String key = "";
        ComponentHealth value = EMPTY;
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
