package dev.vmext.server.metrics.engine;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.server.metrics.Appended;
import dev.vmext.server.metrics.MetricRetention;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Puts one batch into the file, within the writer's transaction: leaves out what is known, refused or out of time. Used by the writing
 * thread alone.
 */
final class Intake {
    /** Clocks of machines may be a little ahead. */
    private static final Duration AHEAD = Duration.ofMinutes(10);

    private final KeyBook keys;
    private final SourceBook sources;
    private final MetricRetention retention;
    private final InstantSource clock;
    private final AtomicLong series;

    Intake(KeyBook keys, SourceBook sources, MetricRetention retention, InstantSource clock, AtomicLong series) {
        this.keys = keys;
        this.sources = sources;
        this.retention = retention;
        this.clock = clock;
        this.series = series;
    }

    Appended store(Connection connection, String machine, List<Sample> samples) throws SQLException {
        long now = clock.millis();
        long latest = now + AHEAD.toMillis();
        long earliest = now - retention.samples().toMillis();
        SourceState state = sources.state(connection, sources.sourceOrNew(connection, machine));
        SortedMap<Long, FreshBatch> batches = new TreeMap<>();
        int stored = 0;
        int known = 0;
        int overLimit = 0;
        int outOfTime = 0;
        for (Sample sample : samples) {
            long time = sample.timeMillis();
            if (time > latest || time < earliest) {
                outOfTime++;
                continue;
            }
            int key = keys.number(connection, sample.series());
            long newest = state.newest(key);
            if (newest >= time) {
                known++;
                continue;
            }
            if (newest < 0 && !state.has(key)) {
                if (state.size() >= retention.seriesPerMachine()) {
                    overLimit++;
                    continue;
                }
                insert(connection, state.source(), key, sample.kind());
                series.incrementAndGet();
            } else if (state.kind(key) != sample.kind()) {
                insert(connection, state.source(), key, sample.kind());
            }
            batches.computeIfAbsent(Tier.SAMPLES.bucket(time), none -> new FreshBatch())
                    .add(key, time, sample.value());
            state.put(key, sample.kind(), time, sample.value());
            stored++;
        }
        try (PreparedStatement insert =
                connection.prepareStatement("insert into fresh (source, bucket, number, body) values (?, ?, ?, ?)")) {
            for (var batch : batches.entrySet()) {
                insert.setInt(1, state.source());
                insert.setLong(2, batch.getKey());
                insert.setLong(3, state.takeBatchNumber());
                insert.setBytes(4, batch.getValue().toBytes());
                insert.executeUpdate();
            }
        }
        return new Appended(stored, known, overLimit, outOfTime);
    }

    /** A new series, or one that is of another kind than was said first. */
    private static void insert(Connection connection, int source, int key, MetricKind kind) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("insert into series (source, key, kind, newest) values (?, ?, ?, -1)"
                        + " on conflict (source, key) do update set kind = excluded.kind")) {
            insert.setInt(1, source);
            insert.setInt(2, key);
            insert.setInt(3, kind == MetricKind.COUNTER ? 0 : 1);
            insert.executeUpdate();
        }
    }
}
