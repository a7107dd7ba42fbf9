package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** The proxy to go through. */
public record ProxyConnectionSettings(String url, @Nullable Headers connectHeaders) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.string(1, url);
        out.message(2, connectHeaders);
    }

    static ProxyConnectionSettings read(ProtoReader in) {
        String url = "";
        @Nullable Headers connectHeaders = null;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> url = in.string();
                case 2 -> connectHeaders = Headers.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new ProxyConnectionSettings(url, connectHeaders);
    }
}
