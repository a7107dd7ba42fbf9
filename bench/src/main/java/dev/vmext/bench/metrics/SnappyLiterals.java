package dev.vmext.bench.metrics;

import java.io.ByteArrayOutputStream;

/** Snappy's block format without any compression: valid, and cheaper to make than the real one. */
final class SnappyLiterals {
    private static final int CHUNK = 1 << 16;

    private SnappyLiterals() {}

    static byte[] of(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 64);
        int rest = bytes.length;
        while (rest >= 0x80) {
            out.write(rest | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        for (int at = 0; at < bytes.length; at += CHUNK) {
            int length = Math.min(CHUNK, bytes.length - at);
            // A literal whose length less one follows in two bytes.
            out.write(61 << 2);
            out.write(length - 1);
            out.write((length - 1) >>> 8);
            out.write(bytes, at, length);
        }
        return out.toByteArray();
    }
}
