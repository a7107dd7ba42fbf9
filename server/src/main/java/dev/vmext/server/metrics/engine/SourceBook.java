package dev.vmext.server.metrics.engine;

import dev.vmext.protocol.metrics.MetricKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Machines and the state of their series. States are read from the file when they are needed; those used last stay in memory, up to
 * a number of series in all. Any thread; the writing thread alone changes states and adds machines.
 */
final class SourceBook {
    /** About 35 MB. */
    private static final int MOST_SERIES = 1_000_000;

    private static final int RECOUNT = 256;

    private final Map<String, Integer> sources = new TreeMap<>();
    private final Map<Integer, SourceState> states = new LinkedHashMap<>(1024, 0.75f, true);
    /** Roughly how many series the states in memory have, counted again now and then. */
    private int series;

    private int reads;

    /** Reads which machines there are. */
    void load(Connection connection) throws SQLException {
        try (PreparedStatement all = connection.prepareStatement("select machine, id from source");
                ResultSet row = all.executeQuery()) {
            while (row.next()) {
                known(row.getString(1), row.getInt(2));
            }
        }
    }

    private synchronized void known(String machine, int source) {
        sources.put(machine, source);
    }

    synchronized @Nullable Integer source(String machine) {
        return sources.get(machine);
    }

    synchronized Map<String, Integer> all() {
        return Map.copyOf(sources);
    }

    synchronized List<String> machines() {
        return List.copyOf(sources.keySet());
    }

    /** Part of the writer's transaction. */
    int sourceOrNew(Connection connection, String machine) throws SQLException {
        Integer known = source(machine);
        if (known != null) {
            return known;
        }
        try (PreparedStatement insert =
                connection.prepareStatement("insert into source (machine) values (?) returning id")) {
            insert.setString(1, machine);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                int source = row.getInt(1);
                known(machine, source);
                return source;
            }
        }
    }

    synchronized void remove(String machine) {
        Integer source = sources.remove(machine);
        if (source != null) {
            forget(source);
        }
    }

    /** Drops a state whose changes did not reach the disk, and all that may have been made with it. */
    synchronized void forget(int source) {
        states.remove(source);
    }

    /** After a failed transaction: what the file says counts. */
    void reload(Connection connection) throws SQLException {
        synchronized (this) {
            sources.clear();
            states.clear();
        }
        load(connection);
    }

    /**
     * For the writing thread only: a state read by another, beside a transaction that is not yet committed, would be behind what is
     * stored, and batches could be stored twice.
     */
    SourceState state(Connection connection, int source) throws SQLException {
        SourceState known = find(source);
        return known == null ? keep(read(connection, source)) : known;
    }

    /** The state if it is in memory. */
    synchronized @Nullable SourceState find(int source) {
        return states.get(source);
    }

    private synchronized SourceState keep(SourceState read) {
        states.put(read.source(), read);
        series = reads++ % RECOUNT == 0
                ? states.values().stream().mapToInt(SourceState::size).sum()
                : series + read.size();
        var eldest = states.entrySet().iterator();
        while (series > MOST_SERIES && states.size() > 1) {
            SourceState out = eldest.next().getValue();
            if (out != read) {
                series -= out.size();
                eldest.remove();
            }
        }
        return read;
    }

    private static SourceState read(Connection connection, int source) throws SQLException {
        SourceState state = new SourceState(source, nextBatch(connection, source));
        try (PreparedStatement all =
                connection.prepareStatement("select key, kind, newest, value from series where source = ?")) {
            all.setInt(1, source);
            try (ResultSet row = all.executeQuery()) {
                while (row.next()) {
                    double value = row.getDouble(4);
                    double known = row.wasNull() ? Double.NaN : value;
                    state.put(row.getInt(1), kind(row.getInt(2)), row.getLong(3), known);
                }
            }
        }
        try (PreparedStatement all =
                connection.prepareStatement("select body from fresh where source = ? order by bucket, number")) {
            all.setInt(1, source);
            try (ResultSet row = all.executeQuery()) {
                while (row.next()) {
                    FreshBatch.read(row.getBytes(1), (key, time, value) -> {
                        if (time > state.newest(key)) {
                            state.put(key, state.kind(key), time, value);
                        }
                    });
                }
            }
        }
        return state;
    }

    static MetricKind kind(int code) {
        return code == 0 ? MetricKind.COUNTER : MetricKind.GAUGE;
    }

    private static long nextBatch(Connection connection, int source) throws SQLException {
        try (PreparedStatement highest =
                connection.prepareStatement("select coalesce(max(number), 0) + 1 from fresh where source = ?")) {
            highest.setInt(1, source);
            try (ResultSet row = highest.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
