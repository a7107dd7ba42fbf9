package dev.vmext.server.metrics.engine;

/** Reads what {@link ByteSink} wrote. What cannot have been written by it is {@link CorruptBlockException}. Used by one thread. */
final class ByteSource {
    private final byte[] bytes;
    private final int end;
    private int at;

    ByteSource(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    ByteSource(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    boolean more() {
        return at < end;
    }

    int at() {
        return at;
    }

    private void need(long length) {
        if (length < 0 || length > end - at) {
            throw new CorruptBlockException("it ends in the middle");
        }
    }

    int octet() {
        need(1);
        return bytes[at++] & 0xff;
    }

    long unsigned() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int octet = octet();
            value |= (long) (octet & 0x7f) << shift;
            if (octet < 0x80) {
                return value;
            }
        }
        throw new CorruptBlockException("a number has no end");
    }

    /** A number that counts things of at least one byte, or one that is small by nature. */
    int count(int most) {
        long value = unsigned();
        if (value < 0 || value > most) {
            throw new CorruptBlockException("a count of " + value + " cannot be");
        }
        return (int) value;
    }

    long signed() {
        long value = unsigned();
        return (value >>> 1) ^ -(value & 1);
    }

    double real() {
        need(8);
        long bits = 0;
        for (int i = 0; i < 8; i++) {
            bits = bits << 8 | (bytes[at++] & 0xff);
        }
        return Double.longBitsToDouble(bits);
    }

    /** These bytes alone, by their place in the whole. */
    ByteSource slice(int from, int length) {
        return new ByteSource(bytes, from, from + length);
    }

    void skip(int length) {
        need(length);
        at += length;
    }
}
