package dev.vmext.server.metrics.engine;

import dev.vmext.server.metrics.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;

/** Spans of one machine and one day, all of one length. Nothing is shared between the series. */
final class SpanBlock {
    private static final int MAX_SPANS = 1 << 20;
    private static final byte[] NOTHING = {};

    private SpanBlock() {}

    /** Reads one series of a block. */
    @FunctionalInterface
    interface Taker {
        void take(int key, List<Span> spans);
    }

    static byte[] pack(long lengthMillis, SortedMap<Integer, List<Span>> series) {
        List<Block.Entry> entries = new ArrayList<>(series.size());
        ByteSink body = new ByteSink(1024);
        series.forEach((key, spans) -> {
            body.clear();
            body.unsigned(lengthMillis);
            body.unsigned(spans.size());
            long before = 0;
            for (Span span : spans) {
                body.unsigned((span.start() - before) / lengthMillis);
                before = span.start();
            }
            spans.forEach(span -> body.unsigned(span.lastTime() - span.start()));
            spans.forEach(span -> body.unsigned(span.count()));
            spans.forEach(span -> body.unsigned(span.coveredMillis()));
            column(body, spans, Span::min);
            column(body, spans, Span::max);
            column(body, spans, Span::sum);
            column(body, spans, Span::last);
            column(body, spans, Span::growth);
            entries.add(new Block.Entry(key, body.toBytes()));
        });
        return Block.pack(NOTHING, entries);
    }

    private static void column(ByteSink out, List<Span> spans, ToDoubleFunction<Span> of) {
        ValueColumn.write(out, spans.stream().mapToDouble(of).toArray());
    }

    static void unpack(byte[] block, IntPredicate wanted, Taker taker) {
        Block.unpack(block, wanted, (key, shared, body) -> taker.take(key, read(body)));
    }

    private static List<Span> read(ByteSource in) {
        long length = in.unsigned();
        int size = in.count(MAX_SPANS);
        long[] starts = new long[size];
        long[] lastTimes = new long[size];
        int[] counts = new int[size];
        long[] covered = new long[size];
        long before = 0;
        for (int i = 0; i < size; i++) {
            before += in.unsigned() * length;
            starts[i] = before;
        }
        for (int i = 0; i < size; i++) {
            lastTimes[i] = starts[i] + in.unsigned();
        }
        for (int i = 0; i < size; i++) {
            counts[i] = in.count(Integer.MAX_VALUE);
        }
        for (int i = 0; i < size; i++) {
            covered[i] = in.unsigned();
        }
        double[] min = ValueColumn.read(in, size);
        double[] max = ValueColumn.read(in, size);
        double[] sum = ValueColumn.read(in, size);
        double[] last = ValueColumn.read(in, size);
        double[] growth = ValueColumn.read(in, size);
        List<Span> spans = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            spans.add(new Span(
                    starts[i], lastTimes[i], counts[i], min[i], max[i], sum[i], last[i], growth[i], covered[i]));
        }
        return spans;
    }
}
