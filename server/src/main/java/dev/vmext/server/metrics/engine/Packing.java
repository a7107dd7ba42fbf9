package dev.vmext.server.metrics.engine;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Makes blocks of the batches of spans that are over. A batch that comes late, because its machine was away, is put into the block of
 * its span when it is there already. Every block is one small piece of work for the writer, so batches never wait for long. Used by
 * the maintaining thread.
 */
final class Packing {
    /** Blocks made while the writer has not yet taken the first of them. */
    private static final int TOGETHER = 64;

    private final MetricsFile file;
    private final MetricWriter writer;

    Packing(MetricsFile file, MetricWriter writer) {
        this.file = file;
        this.writer = writer;
    }

    /** What one block is made of and what it becomes. */
    @SuppressWarnings("ArrayRecordComponent") // goes to the file at once
    private record Packed(long highest, byte[] block, List<Last> newest) {}

    private record Last(int key, long time, double value) {}

    /** Packs all spans of this machine that lie before a bucket. */
    void pack(int source, long before, List<CompletableFuture<?>> underWay) {
        for (long bucket : file.read(connection -> buckets(connection, source, before))) {
            Packed packed = file.read(connection -> pack(connection, source, bucket));
            underWay.add(writer.work(connection -> {
                if (exists(connection, source)) {
                    put(connection, source, bucket, packed);
                }
                return true;
            }));
            if (underWay.size() >= TOGETHER) {
                await(underWay);
            }
        }
    }

    static void await(List<CompletableFuture<?>> underWay) {
        underWay.forEach(CompletableFuture::join);
        underWay.clear();
    }

    private static List<Long> buckets(Connection connection, int source, long before) throws SQLException {
        List<Long> buckets = new ArrayList<>();
        try (PreparedStatement next =
                connection.prepareStatement("select min(bucket) from fresh where source = ? and bucket > ?")) {
            long bucket = -1;
            while (true) {
                next.setInt(1, source);
                next.setLong(2, bucket);
                try (ResultSet row = next.executeQuery()) {
                    row.next();
                    bucket = row.getLong(1);
                    if (row.wasNull() || bucket >= before) {
                        return buckets;
                    }
                    buckets.add(bucket);
                }
            }
        }
    }

    private static Packed pack(Connection connection, int source, long bucket) throws SQLException {
        SortedMap<Integer, Points> series = new TreeMap<>();
        byte[] old = block(connection, source, Tier.SAMPLES, bucket);
        if (old != null) {
            SampleBlock.unpackInto(old, series);
        }
        long highest = 0;
        try (PreparedStatement batches = connection.prepareStatement(
                "select number, body from fresh where source = ? and bucket = ? order by number")) {
            batches.setInt(1, source);
            batches.setLong(2, bucket);
            try (ResultSet row = batches.executeQuery()) {
                while (row.next()) {
                    highest = row.getLong(1);
                    FreshBatch.read(
                            row.getBytes(2),
                            (key, time, value) -> series.computeIfAbsent(key, none -> new Points())
                                    .add(time, value));
                }
            }
        }
        List<Last> newest = new ArrayList<>(series.size());
        series.forEach((key, points) -> {
            int last = points.size() - 1;
            newest.add(new Last(key, points.time(last), points.value(last)));
        });
        return new Packed(highest, SampleBlock.pack(series), newest);
    }

    private static void put(Connection connection, int source, long bucket, Packed packed) throws SQLException {
        putBlock(connection, source, Tier.SAMPLES, bucket, packed.block());
        try (PreparedStatement delete = connection.prepareStatement(
                        "delete from fresh where source = ? and bucket = ? and number <= ?");
                PreparedStatement newest = connection.prepareStatement(
                        "update series set newest = ?, value = ? where source = ? and key = ? and newest < ?");
                PreparedStatement stale =
                        connection.prepareStatement("insert or ignore into stale_day (source, day) values (?, ?)")) {
            delete.setInt(1, source);
            delete.setLong(2, bucket);
            delete.setLong(3, packed.highest());
            delete.executeUpdate();
            for (Last last : packed.newest()) {
                newest.setLong(1, last.time());
                newest.setDouble(2, last.value());
                newest.setInt(3, source);
                newest.setInt(4, last.key());
                newest.setLong(5, last.time());
                newest.addBatch();
            }
            newest.executeBatch();
            stale.setInt(1, source);
            stale.setLong(2, Tier.day(Tier.SAMPLES.start(bucket)));
            stale.executeUpdate();
        }
    }

    /** A machine may have been deleted while its block was made. */
    static boolean exists(Connection connection, int source) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement("select 1 from source where id = ?")) {
            find.setInt(1, source);
            try (ResultSet row = find.executeQuery()) {
                return row.next();
            }
        }
    }

    static byte @Nullable [] block(Connection connection, int source, Tier tier, long bucket) throws SQLException {
        try (PreparedStatement find =
                connection.prepareStatement("select body from block where source = ? and tier = ? and bucket = ?")) {
            find.setInt(1, source);
            find.setInt(2, tier.code());
            find.setLong(3, bucket);
            try (ResultSet row = find.executeQuery()) {
                return row.next() ? row.getBytes(1) : null;
            }
        }
    }

    static void putBlock(Connection connection, int source, Tier tier, long bucket, byte[] body) throws SQLException {
        try (PreparedStatement put =
                connection.prepareStatement("insert into block (source, tier, bucket, body) values (?, ?, ?, ?)"
                        + " on conflict (source, tier, bucket) do update set body = excluded.body")) {
            put.setInt(1, source);
            put.setInt(2, tier.code());
            put.setLong(3, bucket);
            put.setBytes(4, body);
            put.executeUpdate();
        }
    }
}
