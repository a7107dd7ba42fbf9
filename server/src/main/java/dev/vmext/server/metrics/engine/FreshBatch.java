package dev.vmext.server.metrics.engine;

/**
 * Samples as they came in one batch, written quickly: per sample the difference of its key and time to the one before, and its value,
 * short when it is a whole number.
 */
final class FreshBatch {
    private static final int VERSION = 1;
    private static final double WHOLE = 0x1p40;

    private final ByteSink out = new ByteSink(256);
    private int key;
    private long time;

    FreshBatch() {
        out.octet(VERSION);
    }

    /** Reads one sample. */
    @FunctionalInterface
    interface Taker {
        void take(int key, long time, double value);
    }

    void add(int newKey, long newTime, double value) {
        out.signed(newKey - (long) key);
        boolean whole = Math.abs(value) < WHOLE
                && Double.doubleToRawLongBits((double) (long) value) == Double.doubleToRawLongBits(value);
        // Two marks ride on the time: whether it is the same as before, and how the value is written.
        boolean same = newTime == time;
        out.octet((same ? 1 : 0) | (whole ? 2 : 0));
        if (!same) {
            out.signed(newTime - time);
        }
        if (whole) {
            out.signed((long) value);
        } else {
            out.real(value);
        }
        key = newKey;
        time = newTime;
    }

    byte[] toBytes() {
        return out.toBytes();
    }

    static void read(byte[] body, Taker taker) {
        ByteSource in = new ByteSource(body);
        if (in.octet() != VERSION) {
            throw new CorruptBlockException("a batch is of an unknown version");
        }
        int key = 0;
        long time = 0;
        while (in.more()) {
            key += (int) in.signed();
            int marks = in.octet();
            if ((marks & 1) == 0) {
                time += in.signed();
            }
            taker.take(key, time, (marks & 2) == 0 ? in.real() : in.signed());
        }
    }
}
