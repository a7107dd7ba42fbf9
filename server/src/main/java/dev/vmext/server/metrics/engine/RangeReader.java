package dev.vmext.server.metrics.engine;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.server.metrics.Fold;
import dev.vmext.server.metrics.SampleSink;
import dev.vmext.server.metrics.SeriesSamples;
import dev.vmext.server.metrics.SeriesSelector;
import dev.vmext.server.metrics.StepFold;
import dev.vmext.server.metrics.Window;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers one range query for one machine, from blocks and batches as one transaction sees them. Each day is read from one tier: from
 * the one that fits the step if that was made, else from samples, else from whatever is left of it. Used by one thread.
 */
final class RangeReader<S extends SampleSink> {
    /** How far before the window a rate looks for the sample that it grows from. */
    private static final long LOOK_BACK = 300_000;

    private final KeyBook keys;
    private final SeriesSelector selector;
    private final Tier wanted;
    private final long from;
    private final long end;
    private final Sinks<S> sinks;
    private @Nullable Map<Integer, SeriesKey> named;

    private RangeReader(KeyBook keys, SeriesSelector selector, Tier wanted, long from, long end, Sinks<S> sinks) {
        this.keys = keys;
        this.selector = selector;
        this.wanted = wanted;
        this.from = from;
        this.end = end;
        this.sinks = sinks;
    }

    /** Makes what takes the samples of one series. */
    @FunctionalInterface
    private interface Sinks<S> {
        S of(String machine, SeriesKey key, MetricKind kind);
    }

    /** Takes a series whose samples are in its sink. */
    @FunctionalInterface
    interface Taker<S> {
        void take(SeriesKey key, MetricKind kind, S sink);
    }

    /** Folds samples or spans into the steps of a window. */
    static RangeReader<StepFold> steps(KeyBook keys, SeriesSelector selector, Window window, Fold fold) {
        long from = fold == Fold.RATE || fold == Fold.AUTO
                ? Math.max(0, window.fromMillis() - Math.max(LOOK_BACK, 2 * window.stepMillis()))
                : window.fromMillis();
        return new RangeReader<>(
                keys,
                selector,
                Tier.forStep(window.stepMillis()),
                from,
                window.toMillis(),
                (machine, key, kind) -> new StepFold(window, fold, kind));
    }

    /** Gives single samples. */
    static RangeReader<SeriesSamples> samples(KeyBook keys, SeriesSelector selector, long from, long end) {
        return new RangeReader<>(keys, selector, Tier.SAMPLES, from, end, SeriesSamples::new);
    }

    /** A series that is asked for. */
    private record Asked<S>(SeriesKey key, MetricKind kind, S sink) {}

    void read(Connection connection, int source, String machine, Taker<S> taker) throws SQLException {
        Map<Integer, Asked<S>> asked = asked(connection, source, machine);
        if (asked.isEmpty()) {
            return;
        }
        Map<Long, Set<Tier>> tiers = tiers(connection, source);
        // Days that are read alike are read at once: a month of one tier is one statement.
        long day = Tier.day(from);
        long last = Tier.day(end - 1);
        while (day <= last) {
            Tier tier = choose(tiers, day);
            long next = day + 1;
            while (next <= last && choose(tiers, next) == tier) {
                next++;
            }
            if (tier == Tier.SAMPLES) {
                samples(connection, source, Math.max(from, day * Tier.DAY), Math.min(end, next * Tier.DAY), asked);
            } else {
                spans(connection, source, tier, day, next, asked);
            }
            day = next;
        }
        SortedMap<SeriesKey, Asked<S>> inOrder = new TreeMap<>();
        asked.values().forEach(one -> inOrder.put(one.key(), one));
        inOrder.forEach((key, one) -> taker.take(key, one.kind(), one.sink()));
    }

    private Map<Integer, Asked<S>> asked(Connection connection, int source, String machine) throws SQLException {
        if (selector.name().isPresent() && named == null) {
            named = keys.named(connection, selector);
        }
        Map<Integer, Asked<S>> asked = new HashMap<>();
        if (named != null && named.size() <= 64) {
            try (PreparedStatement find =
                    connection.prepareStatement("select kind from series where source = ? and key = ?")) {
                for (Map.Entry<Integer, SeriesKey> key : named.entrySet()) {
                    find.setInt(1, source);
                    find.setInt(2, key.getKey());
                    try (ResultSet row = find.executeQuery()) {
                        if (row.next()) {
                            asked.put(key.getKey(), asked(machine, key.getValue(), row.getInt(1)));
                        }
                    }
                }
            }
            return asked;
        }
        try (PreparedStatement find = connection.prepareStatement("select key, kind from series where source = ?")) {
            find.setInt(1, source);
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    int number = row.getInt(1);
                    SeriesKey key = named == null ? keys.key(connection, number) : named.get(number);
                    if (key != null && selector.fits(key)) {
                        asked.put(number, asked(machine, key, row.getInt(2)));
                    }
                }
            }
        }
        return asked;
    }

    private Asked<S> asked(String machine, SeriesKey key, int code) {
        MetricKind kind = SourceBook.kind(code);
        return new Asked<>(key, kind, sinks.of(machine, key, kind));
    }

    /** Which tiers there are of which days; samples count when a block or a batch of the day is there. */
    private Map<Long, Set<Tier>> tiers(Connection connection, int source) throws SQLException {
        Map<Long, Set<Tier>> tiers = new HashMap<>();
        long first = Tier.day(from);
        long last = Tier.day(end - 1);
        find(
                connection,
                "select distinct bucket / 12 from block where source = ? and tier = 0 and bucket >= 12 * ?"
                        + " and bucket < 12 * (? + 1)",
                source,
                first,
                last,
                Tier.SAMPLES,
                tiers);
        find(
                connection,
                "select distinct bucket / 12 from fresh where source = ? and bucket >= 12 * ? and bucket < 12"
                        + " * (? + 1)",
                source,
                first,
                last,
                Tier.SAMPLES,
                tiers);
        if (wanted == Tier.SAMPLES && tiers.size() == last - first + 1) {
            return tiers;
        }
        find(
                connection,
                "select bucket from block where source = ? and tier = 1 and bucket >= ? and bucket <= ?",
                source,
                first,
                last,
                Tier.FIVE_MINUTES,
                tiers);
        find(
                connection,
                "select bucket from block where source = ? and tier = 2 and bucket >= ? and bucket <= ?",
                source,
                first,
                last,
                Tier.HOURS,
                tiers);
        Map<Long, Set<Tier>> stale = new HashMap<>();
        find(
                connection,
                "select day from stale_day where source = ? and day >= ? and day <= ?",
                source,
                first,
                last,
                Tier.SAMPLES,
                stale);
        find(
                connection,
                "select distinct bucket / 12 from fresh where source = ? and bucket >= 12 * ? and bucket < 12"
                        + " * (? + 1)",
                source,
                first,
                last,
                Tier.SAMPLES,
                stale);
        stale.keySet().forEach(day -> tiers.put(day, Set.of(Tier.SAMPLES)));
        return tiers;
    }

    private static void find(
            Connection connection, String sql, int source, long first, long last, Tier tier, Map<Long, Set<Tier>> into)
            throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(sql)) {
            find.setInt(1, source);
            find.setLong(2, first);
            find.setLong(3, last);
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    into.computeIfAbsent(row.getLong(1), none -> new HashSet<>())
                            .add(tier);
                }
            }
        }
    }

    private Tier choose(Map<Long, Set<Tier>> tiers, long day) {
        Set<Tier> there = tiers.getOrDefault(day, Set.of());
        if (there.contains(wanted)) {
            return wanted;
        }
        if (there.contains(Tier.SAMPLES) || there.isEmpty()) {
            return Tier.SAMPLES;
        }
        return there.contains(Tier.FIVE_MINUTES) ? Tier.FIVE_MINUTES : Tier.HOURS;
    }

    private static <S extends SampleSink> void spans(
            Connection connection, int source, Tier tier, long firstDay, long endDay, Map<Integer, Asked<S>> asked)
            throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(
                "select body from block where source = ? and tier = ? and bucket >= ? and bucket < ? order by bucket")) {
            find.setInt(1, source);
            find.setInt(2, tier.code());
            find.setLong(3, firstDay);
            find.setLong(4, endDay);
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    SpanBlock.unpack(row.getBytes(1), asked::containsKey, (key, spans) -> {
                        Asked<S> one = asked.get(key);
                        if (one != null) {
                            spans.forEach(one.sink()::span);
                        }
                    });
                }
            }
        }
    }

    /** Of one span of two hours the block is older than all batches. */
    private static <S extends SampleSink> void samples(
            Connection connection, int source, long from, long to, Map<Integer, Asked<S>> asked) throws SQLException {
        long first = Tier.SAMPLES.bucket(from);
        long last = Tier.SAMPLES.bucket(to - 1);
        try (PreparedStatement find = connection.prepareStatement(
                "select bucket, 0 as number, body from block where source = ?1 and tier = 0 and bucket >= ?2 and bucket"
                        + " <= ?3 union all select bucket, number, body from fresh where source = ?1 and bucket >= ?2"
                        + " and bucket <= ?3 order by bucket, number")) {
            find.setInt(1, source);
            find.setLong(2, first);
            find.setLong(3, last);
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    if (row.getLong(2) == 0) {
                        SampleBlock.unpack(row.getBytes(3), asked::containsKey, (key, times, values) -> {
                            for (int i = 0; i < times.length; i++) {
                                sample(asked.get(key), times[i], values[i], from, to);
                            }
                        });
                    } else {
                        FreshBatch.read(
                                row.getBytes(3), (key, time, value) -> sample(asked.get(key), time, value, from, to));
                    }
                }
            }
        }
    }

    private static <S extends SampleSink> void sample(
            @Nullable Asked<S> one, long time, double value, long from, long to) {
        if (one != null && time >= from && time < to) {
            one.sink().sample(time, value);
        }
    }
}
