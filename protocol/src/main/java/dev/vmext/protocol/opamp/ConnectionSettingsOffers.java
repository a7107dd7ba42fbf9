package dev.vmext.protocol.opamp;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Settings for the agent's connections. A block that is present replaces everything of its kind. */
public record ConnectionSettingsOffers(
        Bytes hash,
        @Nullable OpampConnectionSettings opamp,
        @Nullable TelemetryConnectionSettings ownMetrics,
        @Nullable TelemetryConnectionSettings ownTraces,
        @Nullable TelemetryConnectionSettings ownLogs,
        Map<String, OtherConnectionSettings> otherConnections)
        implements Message {
    public ConnectionSettingsOffers {
        otherConnections = Message.sorted(otherConnections);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.bytes(1, hash);
        out.message(2, opamp);
        out.message(3, ownMetrics);
        out.message(4, ownTraces);
        out.message(5, ownLogs);
        out.entries(6, otherConnections);
    }

    static ConnectionSettingsOffers read(ProtoReader in) {
        Bytes hash = Bytes.EMPTY;
        @Nullable OpampConnectionSettings opamp = null;
        @Nullable TelemetryConnectionSettings ownMetrics = null;
        @Nullable TelemetryConnectionSettings ownTraces = null;
        @Nullable TelemetryConnectionSettings ownLogs = null;
        Map<String, OtherConnectionSettings> otherConnections = new TreeMap<>();
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> hash = in.bytes();
                case 2 -> opamp = OpampConnectionSettings.read(in);
                case 3 -> ownMetrics = TelemetryConnectionSettings.read(in);
                case 4 -> ownTraces = TelemetryConnectionSettings.read(in);
                case 5 -> ownLogs = TelemetryConnectionSettings.read(in);
                case 6 -> readEntry(in, otherConnections);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new ConnectionSettingsOffers(hash, opamp, ownMetrics, ownTraces, ownLogs, otherConnections);
    }

    private static void readEntry(ProtoReader in, Map<String, OtherConnectionSettings> into) {
        String key = "";
        OtherConnectionSettings value = OtherConnectionSettings.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = OtherConnectionSettings.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        into.put(key, value);
    }
}
