package dev.vmext.server.metrics.engine;

import dev.vmext.server.metrics.Span;
import dev.vmext.server.metrics.Spans;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Makes the coarser tiers of days that are over, always from the samples of the whole day, so that doing it again gives the same. Used
 * by the maintaining thread.
 */
final class Tiering {
    private final MetricsFile file;
    private final MetricWriter writer;

    Tiering(MetricsFile file, MetricWriter writer) {
        this.file = file;
        this.writer = writer;
    }

    /** Makes the tiers of this machine's days before one. */
    void tier(int source, long beforeDay, List<CompletableFuture<?>> underWay) {
        for (long day : file.read(connection -> days(connection, source, beforeDay))) {
            Map<Tier, byte[]> blocks = file.read(connection -> blocks(connection, source, day));
            underWay.add(writer.work(connection -> {
                if (Packing.exists(connection, source)) {
                    for (Map.Entry<Tier, byte[]> block : blocks.entrySet()) {
                        Packing.putBlock(connection, source, block.getKey(), day, block.getValue());
                    }
                    done(connection, source, day);
                }
                return true;
            }));
            if (underWay.size() >= 16) {
                Packing.await(underWay);
            }
        }
    }

    private static List<Long> days(Connection connection, int source, long before) throws SQLException {
        List<Long> days = new ArrayList<>();
        try (PreparedStatement find =
                connection.prepareStatement("select day from stale_day where source = ? and day < ? order by day")) {
            find.setInt(1, source);
            find.setLong(2, before);
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    days.add(row.getLong(1));
                }
            }
        }
        return days;
    }

    private static void done(Connection connection, int source, long day) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("delete from stale_day where source = ? and day = ?")) {
            delete.setInt(1, source);
            delete.setLong(2, day);
            delete.executeUpdate();
        }
    }

    private static Map<Tier, byte[]> blocks(Connection connection, int source, long day) throws SQLException {
        long from = Tier.SAMPLES.bucket(day * Tier.DAY);
        long to = Tier.SAMPLES.bucket((day + 1) * Tier.DAY);
        Map<Integer, Integer> kinds = kinds(connection, source);
        SortedMap<Integer, Spans> five = new TreeMap<>();
        SortedMap<Integer, Spans> hours = new TreeMap<>();
        byte[] before = Packing.block(connection, source, Tier.SAMPLES, from - 1);
        if (before != null) {
            SampleBlock.unpack(before, key -> true, (key, times, values) -> {
                int last = times.length - 1;
                of(five, Tier.FIVE_MINUTES, kinds, key).before(times[last], values[last]);
                of(hours, Tier.HOURS, kinds, key).before(times[last], values[last]);
            });
        }
        try (PreparedStatement find = connection.prepareStatement(
                "select body from block where source = ? and tier = 0 and bucket >= ? and bucket < ? order by bucket")) {
            find.setInt(1, source);
            find.setLong(2, from);
            find.setLong(3, to);
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    SampleBlock.unpack(row.getBytes(1), key -> true, (key, times, values) -> {
                        Spans fine = of(five, Tier.FIVE_MINUTES, kinds, key);
                        Spans coarse = of(hours, Tier.HOURS, kinds, key);
                        for (int i = 0; i < times.length; i++) {
                            fine.sample(times[i], values[i]);
                            coarse.sample(times[i], values[i]);
                        }
                    });
                }
            }
        }
        return Map.of(
                Tier.FIVE_MINUTES, pack(Tier.FIVE_MINUTES, five),
                Tier.HOURS, pack(Tier.HOURS, hours));
    }

    private static Map<Integer, Integer> kinds(Connection connection, int source) throws SQLException {
        Map<Integer, Integer> kinds = new HashMap<>();
        try (PreparedStatement find = connection.prepareStatement("select key, kind from series where source = ?")) {
            find.setInt(1, source);
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    kinds.put(row.getInt(1), row.getInt(2));
                }
            }
        }
        return kinds;
    }

    private static Spans of(SortedMap<Integer, Spans> all, Tier tier, Map<Integer, Integer> kinds, int key) {
        return all.computeIfAbsent(
                key, none -> new Spans(tier.spanMillis(), SourceBook.kind(kinds.getOrDefault(key, 1))));
    }

    private static byte[] pack(Tier tier, SortedMap<Integer, Spans> all) {
        SortedMap<Integer, List<Span>> series = new TreeMap<>();
        all.forEach((key, spans) -> {
            List<Span> made = spans.spans();
            if (!made.isEmpty()) {
                series.put(key, made);
            }
        });
        return SpanBlock.pack(tier.spanMillis(), series);
    }
}
