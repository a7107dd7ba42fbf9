package dev.vmext.server.metrics.engine;

import dev.vmext.protocol.metrics.MetricKind;
import java.util.Arrays;

/**
 * The series of one machine with their newest samples, in arrays because there are many: about 35 bytes a series. The writing
 * thread changes it; others read. All methods are synchronized.
 */
final class SourceState {
    private static final int NONE = -1;

    private final int source;
    private int[] keys = new int[16];
    private long[] times = new long[16];
    private double[] values = new double[16];
    private byte[] kinds = new byte[16];
    private int size;
    private long nextBatch;

    SourceState(int source, long nextBatch) {
        this.source = source;
        this.nextBatch = nextBatch;
    }

    int source() {
        return source;
    }

    synchronized int size() {
        return size;
    }

    synchronized long takeBatchNumber() {
        return nextBatch++;
    }

    /** The time of the newest sample, or -1 for a series it does not have. */
    synchronized long newest(int key) {
        int at = find(key);
        return keys[at] == key ? times[at] : NONE;
    }

    synchronized boolean has(int key) {
        return keys[find(key)] == key;
    }

    synchronized MetricKind kind(int key) {
        int at = find(key);
        return kinds[at] == 0 ? MetricKind.COUNTER : MetricKind.GAUGE;
    }

    synchronized void put(int key, MetricKind kind, long time, double value) {
        int at = find(key);
        if (keys[at] != key) {
            if ((size + 1) * 4 > keys.length * 3) {
                grow();
                at = find(key);
            }
            keys[at] = key;
            size++;
        }
        times[at] = time;
        values[at] = value;
        kinds[at] = (byte) (kind == MetricKind.COUNTER ? 0 : 1);
    }

    /** Takes the newest of a series. */
    @FunctionalInterface
    interface Taker {
        void take(int key, MetricKind kind, long time, double value);
    }

    /** All series in no order. */
    synchronized void each(Taker taker) {
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] != 0) {
                taker.take(keys[i], kinds[i] == 0 ? MetricKind.COUNTER : MetricKind.GAUGE, times[i], values[i]);
            }
        }
    }

    /** One series, if it is there. */
    synchronized void one(int key, Taker taker) {
        int at = find(key);
        if (keys[at] == key) {
            taker.take(key, kinds[at] == 0 ? MetricKind.COUNTER : MetricKind.GAUGE, times[at], values[at]);
        }
    }

    /** The place of a key, or the free one where it belongs. Keys begin at 1. */
    private int find(int key) {
        int mask = keys.length - 1;
        int at = ((key * 0x9E3779B9) >>> 8) & mask;
        while (keys[at] != 0 && keys[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private void grow() {
        int[] oldKeys = keys;
        long[] oldTimes = times;
        double[] oldValues = values;
        byte[] oldKinds = kinds;
        keys = new int[oldKeys.length * 2];
        times = Arrays.copyOf(times, keys.length);
        values = Arrays.copyOf(values, keys.length);
        kinds = Arrays.copyOf(kinds, keys.length);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                int at = find(oldKeys[i]);
                keys[at] = oldKeys[i];
                times[at] = oldTimes[i];
                values[at] = oldValues[i];
                kinds[at] = oldKinds[i];
            }
        }
    }
}
