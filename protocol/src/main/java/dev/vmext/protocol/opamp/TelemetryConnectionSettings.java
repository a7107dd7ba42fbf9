package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** Where the agent sends its own metrics, traces or logs as OTLP over HTTP. */
public record TelemetryConnectionSettings(
        String destinationEndpoint,
        @Nullable Headers headers,
        @Nullable TlsCertificate certificate,
        @Nullable TlsConnectionSettings tls,
        @Nullable ProxyConnectionSettings proxy)
        implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.string(1, destinationEndpoint);
        out.message(2, headers);
        out.message(3, certificate);
        out.message(4, tls);
        out.message(5, proxy);
    }

    static TelemetryConnectionSettings read(ProtoReader in) {
        String destinationEndpoint = "";
        @Nullable Headers headers = null;
        @Nullable TlsCertificate certificate = null;
        @Nullable TlsConnectionSettings tls = null;
        @Nullable ProxyConnectionSettings proxy = null;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> destinationEndpoint = in.string();
                case 2 -> headers = Headers.read(in);
                case 3 -> certificate = TlsCertificate.read(in);
                case 4 -> tls = TlsConnectionSettings.read(in);
                case 5 -> proxy = ProxyConnectionSettings.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new TelemetryConnectionSettings(destinationEndpoint, headers, certificate, tls, proxy);
    }
}
