package dev.vmext.server.ca;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** One PEM block and its bytes (RFC 7468), in both directions. Stateless. */
public final class Pem {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    public static String write(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    /** The bytes of the first block with this label, empty when there is none or it is not base64. */
    public static Optional<byte[]> read(String label, byte[] text) {
        String all = new String(text, StandardCharsets.US_ASCII);
        String begin = "-----BEGIN " + label + "-----";
        int start = all.indexOf(begin);
        int end = start < 0 ? -1 : all.indexOf("-----END " + label + "-----", start);
        if (end < 0) {
            return Optional.empty();
        }
        try {
            String body = all.substring(start + begin.length(), end).replaceAll("\\s", "");
            return Optional.of(Base64.getDecoder().decode(body));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
