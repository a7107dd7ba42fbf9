package dev.vmext.agent.seal;

import java.io.IOException;
import java.util.Arrays;

/**
 * Reads DER one element after another, strictly: definite lengths in their shortest form, nothing that leaves the surrounding element.
 * Throws {@link IOException}, and nothing else, for whatever is not such bytes. Used by one thread.
 */
public final class DerReader {
    private final byte[] bytes;
    private int at;
    private final int end;
    private int tag;

    public DerReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private DerReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    public boolean atEnd() {
        return at >= end;
    }

    /** The tag of the next element, -1 at the end. */
    public int peek() {
        return atEnd() ? -1 : bytes[at] & 0xff;
    }

    /** The content of the next element, which must have this tag. */
    public byte[] content(int expected) throws IOException {
        DerReader inside = enter(expected);
        return Arrays.copyOfRange(bytes, inside.at, inside.end);
    }

    /** Goes into the next element, which must have this tag; this reader stands behind it then. */
    public DerReader enter(int expected) throws IOException {
        int length = header();
        if (tag != expected) {
            throw new IOException("expected DER tag " + expected + ", found " + tag);
        }
        DerReader inside = new DerReader(bytes, at, at + length);
        at += length;
        return inside;
    }

    /** The next element whole, with tag and length. */
    public byte[] whole() throws IOException {
        int from = at;
        int length = header();
        at += length;
        return Arrays.copyOfRange(bytes, from, at);
    }

    private int header() throws IOException {
        tag = next();
        if ((tag & 0x1f) == 0x1f) {
            throw new IOException("DER tag of several bytes");
        }
        int first = next();
        int length = first;
        if (first >= 0x80) {
            int count = first & 0x7f;
            if (count == 0 || count > 4) {
                throw new IOException("DER length of " + count + " bytes");
            }
            long value = 0;
            for (int i = 0; i < count; i++) {
                value = value << 8 | next();
            }
            boolean shortest = value >= 0x80 && value >>> (8 * (count - 1)) != 0;
            if (!shortest || value > Integer.MAX_VALUE) {
                throw new IOException("DER length not in its shortest form, or too large");
            }
            length = (int) value;
        }
        if (length > end - at) {
            throw new IOException("DER element longer than what it is in");
        }
        return length;
    }

    private int next() throws IOException {
        if (atEnd()) {
            throw new IOException("DER ends too early");
        }
        return bytes[at++] & 0xff;
    }
}
