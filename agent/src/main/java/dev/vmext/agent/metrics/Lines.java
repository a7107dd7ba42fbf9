package dev.vmext.agent.metrics;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The lines of an answer one after the other, so that none of it is held in memory but the present line. One thread. */
final class Lines {
    static final int MAX_LINE = 64 << 10;

    private final InputStream in;
    private final long maxBytes;
    private final byte[] buffer = new byte[8192];
    private byte[] line = new byte[256];
    private int at;
    private int filled;
    private long total;
    private int number;

    Lines(InputStream in, long maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /** Of the line that was read last, from 1. */
    int number() {
        return number;
    }

    /** The next line without its end, null after the last. */
    @Nullable String next() throws IOException {
        int length = 0;
        boolean any = false;
        while (true) {
            if (at == filled) {
                filled = in.read(buffer);
                at = 0;
                if (filled <= 0) {
                    filled = 0;
                    break;
                }
                total += filled;
                if (total > maxBytes) {
                    throw new ExpositionException("it is larger than " + maxBytes + " bytes");
                }
            }
            any = true;
            byte next = buffer[at++];
            if (next == '\n') {
                break;
            }
            if (length == line.length) {
                if (length >= MAX_LINE) {
                    throw new ExpositionException("line " + (number + 1) + " is longer than " + MAX_LINE + " bytes");
                }
                line = Arrays.copyOf(line, length * 2);
            }
            line[length++] = next;
        }
        if (!any) {
            return null;
        }
        number++;
        if (length > 0 && line[length - 1] == '\r') {
            length--;
        }
        return new String(line, 0, length, StandardCharsets.UTF_8);
    }
}
