package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/**
 * Settings of the connection that carries these messages. No certificate means none, no heartbeat interval means off:
 * always send the complete block.
 */
public record OpampConnectionSettings(
        String destinationEndpoint,
        @Nullable Headers headers,
        @Nullable TlsCertificate certificate,
        long heartbeatIntervalSeconds,
        @Nullable TlsConnectionSettings tls,
        @Nullable ProxyConnectionSettings proxy)
        implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.string(1, destinationEndpoint);
        out.message(2, headers);
        out.message(3, certificate);
        out.varint(4, heartbeatIntervalSeconds);
        out.message(5, tls);
        out.message(6, proxy);
    }

    static OpampConnectionSettings read(ProtoReader in) {
        String destinationEndpoint = "";
        @Nullable Headers headers = null;
        @Nullable TlsCertificate certificate = null;
        long heartbeatIntervalSeconds = 0;
        @Nullable TlsConnectionSettings tls = null;
        @Nullable ProxyConnectionSettings proxy = null;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> destinationEndpoint = in.string();
                case 2 -> headers = Headers.read(in);
                case 3 -> certificate = TlsCertificate.read(in);
                case 4 -> heartbeatIntervalSeconds = in.varint();
                case 5 -> tls = TlsConnectionSettings.read(in);
                case 6 -> proxy = ProxyConnectionSettings.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new OpampConnectionSettings(
                destinationEndpoint, headers, certificate, heartbeatIntervalSeconds, tls, proxy);
    }
}
