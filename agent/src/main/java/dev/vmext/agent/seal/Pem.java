package dev.vmext.agent.seal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** PEM blocks (RFC 7468). Pure. */
public final class Pem {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    public static String write(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    /** All blocks of this label, in order. */
    public static List<byte[]> readAll(String label, byte[] pem) throws IOException {
        String text = new String(pem, StandardCharsets.US_ASCII);
        String begin = "-----BEGIN " + label + "-----";
        String end = "-----END " + label + "-----";
        List<byte[]> blocks = new ArrayList<>();
        int at = text.indexOf(begin);
        while (at >= 0) {
            int stop = text.indexOf(end, at);
            if (stop < 0) {
                throw new IOException("a PEM block " + label + " has no end");
            }
            try {
                blocks.add(Base64.getMimeDecoder().decode(text.substring(at + begin.length(), stop)));
            } catch (IllegalArgumentException e) {
                throw new IOException("a PEM block " + label + " is no base64", e);
            }
            at = text.indexOf(begin, stop);
        }
        return blocks;
    }

    /** The first block of this label. */
    public static byte[] read(String label, byte[] pem) throws IOException {
        List<byte[]> blocks = readAll(label, pem);
        if (blocks.isEmpty()) {
            throw new IOException("there is no PEM block " + label);
        }
        return blocks.getFirst();
    }
}
