package dev.vmext.server.metrics.engine;

import java.util.Arrays;

/**
 * Values of one series as bytes that deflate well, every bit kept. Three ways, the first byte says which: one value for all; decimals
 * with a few digits behind the point as whole numbers, each as the difference to the one before; anything else as the bytes in which
 * its bits differ from the one before.
 */
final class ValueColumn {
    private static final int SAME = 0;
    /** This and up to {@link #DIGITS} more. */
    private static final int WHOLE = 1;

    private static final int DIGITS = 6;
    private static final int BITS = 15;
    private static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    /** Whole numbers below it are exact in a double. */
    private static final double EXACT = 0x1p52;

    private ValueColumn() {}

    static void write(ByteSink out, double[] values) {
        if (same(values)) {
            out.octet(SAME);
            out.real(values.length == 0 ? 0 : values[0]);
            return;
        }
        int digits = digits(values);
        if (digits >= 0) {
            out.octet(WHOLE + digits);
            long before = 0;
            for (double value : values) {
                long whole = (long) Math.rint(value * POWERS[digits]);
                out.signed(whole - before);
                before = whole;
            }
            return;
        }
        out.octet(BITS);
        long before = 0;
        for (double value : values) {
            long bits = Double.doubleToRawLongBits(value);
            difference(out, bits ^ before);
            before = bits;
        }
    }

    private static boolean same(double[] values) {
        for (double value : values) {
            if (Double.doubleToRawLongBits(value) != Double.doubleToRawLongBits(values[0])) {
                return false;
            }
        }
        return true;
    }

    /** How many digits behind the point are enough for all of them, or -1. */
    private static int digits(double[] values) {
        int digits = 0;
        for (int i = 0; i < values.length; ) {
            if (exact(values[i], digits)) {
                i++;
            } else if (++digits <= DIGITS) {
                // What was exact with fewer digits mostly is with more, but not when it is large.
                i = 0;
            } else {
                return -1;
            }
        }
        return digits;
    }

    private static boolean exact(double value, int digits) {
        double whole = Math.rint(value * POWERS[digits]);
        return Math.abs(whole) < EXACT
                && Double.doubleToRawLongBits(whole / POWERS[digits]) == Double.doubleToRawLongBits(value);
    }

    /** How many whole bytes in front and behind are zero, then those between. */
    private static void difference(ByteSink out, long bits) {
        if (bits == 0) {
            out.octet(0x80);
            return;
        }
        int front = Long.numberOfLeadingZeros(bits) / 8;
        int behind = Long.numberOfTrailingZeros(bits) / 8;
        out.octet(front << 4 | behind);
        for (int shift = 56 - front * 8; shift >= behind * 8; shift -= 8) {
            out.octet((int) (bits >>> shift));
        }
    }

    static double[] read(ByteSource in, int size) {
        int way = in.octet();
        double[] values = new double[size];
        if (way == SAME) {
            Arrays.fill(values, in.real());
        } else if (way >= WHOLE && way <= WHOLE + DIGITS) {
            double power = POWERS[way - WHOLE];
            long whole = 0;
            for (int i = 0; i < size; i++) {
                whole += in.signed();
                values[i] = whole / power;
            }
        } else if (way == BITS) {
            long bits = 0;
            for (int i = 0; i < size; i++) {
                bits ^= difference(in);
                values[i] = Double.longBitsToDouble(bits);
            }
        } else {
            throw new CorruptBlockException("values are written in an unknown way, " + way);
        }
        return values;
    }

    private static long difference(ByteSource in) {
        int zeros = in.octet();
        if (zeros == 0x80) {
            return 0;
        }
        int front = zeros >> 4;
        int behind = zeros & 15;
        if (front + behind > 7) {
            throw new CorruptBlockException("a value has no bytes");
        }
        long bits = 0;
        for (int shift = 56 - front * 8; shift >= behind * 8; shift -= 8) {
            bits |= (long) in.octet() << shift;
        }
        return bits;
    }
}
