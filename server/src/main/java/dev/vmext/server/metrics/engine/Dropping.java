package dev.vmext.server.metrics.engine;

import dev.vmext.server.metrics.MetricRetention;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/** Deletes what is older than it is kept, whole days at a time, and what nothing refers to any more. Runs in the writer's transactions. */
final class Dropping {
    private final MetricRetention retention;

    Dropping(MetricRetention retention) {
        this.retention = retention;
    }

    /** Whether something of this machine was deleted. */
    boolean dropOld(Connection connection, int source, Instant now) throws SQLException {
        long samples = firstDay(now, retention.samples());
        int dropped = blocks(connection, source, Tier.SAMPLES, Tier.SAMPLES.bucket(samples * Tier.DAY));
        dropped += blocks(connection, source, Tier.FIVE_MINUTES, firstDay(now, retention.fiveMinutes()));
        dropped += blocks(connection, source, Tier.HOURS, firstDay(now, retention.hours()));
        return dropped > 0;
    }

    /** A day is kept as long as any moment of it is. */
    private static long firstDay(Instant now, Duration kept) {
        return Tier.day(now.toEpochMilli() - kept.toMillis());
    }

    /** Days whose tiers were not made yet stay until they were. */
    private static int blocks(Connection connection, int source, Tier tier, long before) throws SQLException {
        String notStale = tier == Tier.SAMPLES
                ? " and bucket / 12 not in (select day from stale_day where source = block.source)"
                : "";
        try (PreparedStatement delete = connection.prepareStatement(
                "delete from block where source = ? and tier = ? and bucket < ?" + notStale)) {
            delete.setInt(1, source);
            delete.setInt(2, tier.code());
            delete.setLong(3, before);
            return delete.executeUpdate();
        }
    }

    /** Series that have nothing left. Whoever calls this must forget the machine's state. */
    int series(Connection connection, int source, Instant now) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("delete from series where source = ?1 and newest < ?2 and newest >= 0"
                        + " and not exists (select 1 from fresh where source = ?1)")) {
            delete.setInt(1, source);
            delete.setLong(2, now.toEpochMilli() - retention.hours().toMillis());
            return delete.executeUpdate();
        }
    }

    /** Whoever calls this must forget the keys. */
    static int keys(Connection connection) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("delete from series_key where id not in (select key from series)")) {
            return delete.executeUpdate();
        }
    }

    static void machine(Connection connection, int source) throws SQLException {
        for (String table : new String[] {"fresh", "block", "stale_day", "series"}) {
            try (PreparedStatement delete = connection.prepareStatement("delete from " + table + " where source = ?")) {
                delete.setInt(1, source);
                delete.executeUpdate();
            }
        }
        try (PreparedStatement delete = connection.prepareStatement("delete from source where id = ?")) {
            delete.setInt(1, source);
            delete.executeUpdate();
        }
    }
}
