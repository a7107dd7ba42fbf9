package dev.vmext.protocol.opamp;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Settings of a connection whose meaning only the agent knows. */
public record OtherConnectionSettings(
        String destinationEndpoint,
        @Nullable Headers headers,
        @Nullable TlsCertificate certificate,
        Map<String, String> otherSettings,
        @Nullable TlsConnectionSettings tls,
        @Nullable ProxyConnectionSettings proxy)
        implements Message {
    static final OtherConnectionSettings EMPTY = new OtherConnectionSettings("", null, null, Map.of(), null, null);

    public OtherConnectionSettings {
        otherSettings = Message.sorted(otherSettings);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.string(1, destinationEndpoint);
        out.message(2, headers);
        out.message(3, certificate);
        out.textEntries(4, otherSettings);
        out.message(5, tls);
        out.message(6, proxy);
    }

    static OtherConnectionSettings read(ProtoReader in) {
        String destinationEndpoint = "";
        @Nullable Headers headers = null;
        @Nullable TlsCertificate certificate = null;
        Map<String, String> otherSettings = new TreeMap<>();
        @Nullable TlsConnectionSettings tls = null;
        @Nullable ProxyConnectionSettings proxy = null;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> destinationEndpoint = in.string();
                case 2 -> headers = Headers.read(in);
                case 3 -> certificate = TlsCertificate.read(in);
                case 4 -> readEntry(in, otherSettings);
                case 5 -> tls = TlsConnectionSettings.read(in);
                case 6 -> proxy = ProxyConnectionSettings.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new OtherConnectionSettings(destinationEndpoint, headers, certificate, otherSettings, tls, proxy);
    }

    private static void readEntry(ProtoReader in, Map<String, String> into) {
        String key = "";
        String value = "";
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = in.string();
                default -> in.skip();
            }
        }
        in.leave(outer);
        into.put(key, value);
    }
}
