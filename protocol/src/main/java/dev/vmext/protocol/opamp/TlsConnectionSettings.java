package dev.vmext.protocol.opamp;

import java.util.ArrayList;
import java.util.List;

/** What the agent accepts of the server's TLS. */
public record TlsConnectionSettings(
        String caPemContents,
        boolean includeSystemCaCertsPool,
        boolean insecureSkipVerify,
        String minVersion,
        String maxVersion,
        List<String> cipherSuites)
        implements Message {
    public TlsConnectionSettings {
        cipherSuites = List.copyOf(cipherSuites);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.string(1, caPemContents);
        out.bool(2, includeSystemCaCertsPool);
        out.bool(3, insecureSkipVerify);
        out.string(4, minVersion);
        out.string(5, maxVersion);
        out.strings(6, cipherSuites);
    }

    static TlsConnectionSettings read(ProtoReader in) {
        String caPemContents = "";
        boolean includeSystemCaCertsPool = false;
        boolean insecureSkipVerify = false;
        String minVersion = "";
        String maxVersion = "";
        List<String> cipherSuites = new ArrayList<>();
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> caPemContents = in.string();
                case 2 -> includeSystemCaCertsPool = in.bool();
                case 3 -> insecureSkipVerify = in.bool();
                case 4 -> minVersion = in.string();
                case 5 -> maxVersion = in.string();
                case 6 -> {
                    in.count();
                    cipherSuites.add(in.string());
                }
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new TlsConnectionSettings(
                caPemContents, includeSystemCaCertsPool, insecureSkipVerify, minVersion, maxVersion, cipherSuites);
    }
}
