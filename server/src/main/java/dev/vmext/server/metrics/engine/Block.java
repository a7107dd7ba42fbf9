package dev.vmext.server.metrics.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Series packed together: a head with their keys, one part that all share, and groups of {@value #GROUP} series, each deflated by
 * itself, so that a reader who wants one series inflates one group.
 *
 * <pre>
 * version, number of series, keys (differences), shared part, groups...
 * each part: length inflated, length deflated, bytes
 * each series in a group: length, bytes
 * </pre>
 */
final class Block {
    private static final int VERSION = 1;
    private static final int GROUP = 24;
    private static final int MAX_SERIES = 1 << 20;
    private static final int MAX_PART = 1 << 28;
    private static final int LEVEL = 6;

    private Block() {}

    /** Bytes of a series in a block, keys growing. */
    @SuppressWarnings("ArrayRecordComponent") // goes from the file to its reader
    record Entry(int key, byte[] body) {}

    /** Reads one series. */
    @FunctionalInterface
    interface Taker {
        void take(int key, ByteSource shared, ByteSource body);
    }

    static byte[] pack(byte[] shared, List<Entry> entries) {
        ByteSink out = new ByteSink(1024);
        out.octet(VERSION);
        out.unsigned(entries.size());
        int before = 0;
        for (Entry entry : entries) {
            out.unsigned(entry.key() - before);
            before = entry.key();
        }
        Deflater deflater = new Deflater(LEVEL, true);
        try {
            part(out, deflater, shared, shared.length);
            ByteSink group = new ByteSink(4096);
            for (int at = 0; at < entries.size(); at += GROUP) {
                group.clear();
                for (Entry entry : entries.subList(at, Math.min(at + GROUP, entries.size()))) {
                    group.unsigned(entry.body().length);
                    group.all(entry.body(), entry.body().length);
                }
                part(out, deflater, group.array(), group.size());
            }
        } finally {
            deflater.end();
        }
        return out.toBytes();
    }

    private static void part(ByteSink out, Deflater deflater, byte[] bytes, int length) {
        deflater.reset();
        deflater.setInput(bytes, 0, length);
        deflater.finish();
        byte[] deflated = new byte[length + length / 8 + 64];
        int size = 0;
        while (!deflater.finished()) {
            size += deflater.deflate(deflated, size, deflated.length - size);
        }
        out.unsigned(length);
        out.unsigned(size);
        out.all(deflated, size);
    }

    static void unpack(byte[] block, IntPredicate wanted, Taker taker) {
        ByteSource in = new ByteSource(block);
        int version = in.octet();
        if (version != VERSION) {
            throw new CorruptBlockException("its version is " + version);
        }
        int[] keys = new int[in.count(MAX_SERIES)];
        int before = 0;
        for (int i = 0; i < keys.length; i++) {
            before += in.count(Integer.MAX_VALUE);
            keys[i] = before;
        }
        Inflater inflater = new Inflater(true);
        try {
            byte[] shared = part(in, inflater, block, true);
            for (int at = 0; at < keys.length; at += GROUP) {
                List<Integer> here = wanted(keys, at, wanted);
                ByteSource group = new ByteSource(part(in, inflater, block, !here.isEmpty()));
                for (int i = at; !here.isEmpty() && i < Math.min(at + GROUP, keys.length); i++) {
                    int length = group.count(MAX_PART);
                    int start = group.at();
                    group.skip(length);
                    if (here.contains(i)) {
                        taker.take(keys[i], new ByteSource(shared), group.slice(start, length));
                    }
                }
            }
        } finally {
            inflater.end();
        }
    }

    private static List<Integer> wanted(int[] keys, int from, IntPredicate wanted) {
        List<Integer> here = new ArrayList<>();
        for (int i = from; i < Math.min(from + GROUP, keys.length); i++) {
            if (wanted.test(keys[i])) {
                here.add(i);
            }
        }
        return here;
    }

    private static byte[] part(ByteSource in, Inflater inflater, byte[] block, boolean read) {
        int length = in.count(MAX_PART);
        int deflated = in.count(MAX_PART);
        int start = in.at();
        in.skip(deflated);
        if (!read) {
            return new byte[0];
        }
        byte[] bytes = new byte[length];
        inflater.reset();
        inflater.setInput(block, start, deflated);
        try {
            int size = 0;
            while (size < length) {
                int more = inflater.inflate(bytes, size, length - size);
                if (more == 0) {
                    throw new CorruptBlockException("a part is too short");
                }
                size += more;
            }
        } catch (DataFormatException e) {
            throw new CorruptBlockException("a part does not inflate");
        }
        return bytes;
    }
}
