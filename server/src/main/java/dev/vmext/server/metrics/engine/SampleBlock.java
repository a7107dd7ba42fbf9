package dev.vmext.server.metrics.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.IntPredicate;

/**
 * Samples of one machine in two hours. Series that were scraped together have the same times, which are written once: the shared part
 * is a list of time columns, and each series says which is its own.
 */
final class SampleBlock {
    private static final int MAX_POINTS = 1 << 24;

    private SampleBlock() {}

    /** Reads one series of a block. */
    @FunctionalInterface
    interface Taker {
        void take(int key, long[] times, double[] values);
    }

    /** A time column as a key of a map. */
    @SuppressWarnings("ArrayRecordComponent") // compares its content, see below
    private record Times(long[] times) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Times(long[] theirs) && Arrays.equals(times, theirs);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(times);
        }
    }

    static byte[] pack(SortedMap<Integer, Points> series) {
        Map<Times, Integer> columns = new HashMap<>();
        List<long[]> inOrder = new ArrayList<>();
        List<Block.Entry> entries = new ArrayList<>(series.size());
        ByteSink body = new ByteSink(512);
        series.forEach((key, points) -> {
            long[] times = points.times();
            int column = columns.computeIfAbsent(new Times(times), none -> {
                inOrder.add(times);
                return inOrder.size() - 1;
            });
            body.clear();
            body.unsigned(column);
            ValueColumn.write(body, points.values());
            entries.add(new Block.Entry(key, body.toBytes()));
        });
        ByteSink shared = new ByteSink(512);
        shared.unsigned(inOrder.size());
        inOrder.forEach(times -> write(shared, times));
        return Block.pack(shared.toBytes(), entries);
    }

    /** The first time, the first distance, then how much each distance differs from the one before. */
    private static void write(ByteSink out, long[] times) {
        out.unsigned(times.length);
        long before = 0;
        long distance = 0;
        for (long time : times) {
            out.signed(time - before - distance);
            distance = before == 0 ? 0 : time - before;
            before = time;
        }
    }

    private static long[] readTimes(ByteSource in) {
        long[] times = new long[in.count(MAX_POINTS)];
        long before = 0;
        long distance = 0;
        for (int i = 0; i < times.length; i++) {
            long time = before + distance + in.signed();
            distance = before == 0 ? 0 : time - before;
            before = time;
            times[i] = time;
        }
        return times;
    }

    static void unpack(byte[] block, IntPredicate wanted, Taker taker) {
        List<long[]> columns = new ArrayList<>();
        Block.unpack(block, wanted, (key, shared, body) -> {
            if (columns.isEmpty()) {
                int count = shared.count(MAX_POINTS);
                for (int i = 0; i < count; i++) {
                    columns.add(readTimes(shared));
                }
            }
            int column = body.count(columns.size() - 1);
            long[] times = columns.get(column);
            taker.take(key, times, ValueColumn.read(body, times.length));
        });
    }

    /** Adds what a block has to these series. */
    static void unpackInto(byte[] block, Map<Integer, Points> series) {
        unpack(block, key -> true, (key, times, values) -> {
            Points points = series.computeIfAbsent(key, none -> new Points());
            for (int i = 0; i < times.length; i++) {
                points.add(times[i], values[i]);
            }
        });
    }
}
