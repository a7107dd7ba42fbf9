package dev.vmext.server.metrics.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.server.metrics.SeriesSelector;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keys of series and the numbers that stand for them. All machines share them, so fifteen thousand machines of one kind need a few
 * hundred. The most used are in memory, at most {@value #MOST}. Any thread; numbers are given by the writing thread alone.
 */
final class KeyBook {
    private static final int MOST = 60_000;
    private static final JsonMapper JSON = new JsonMapper();
    private static final TypeReference<TreeMap<String, String>> LABELS = new TypeReference<>() {};

    private final Map<SeriesKey, Integer> numbers = new LinkedHashMap<>(1024, 0.75f, true);
    private final Map<Integer, SeriesKey> keys = new HashMap<>();

    /** Part of the writer's transaction. If that fails, {@link #forget} must be called. */
    int number(Connection connection, SeriesKey key) throws SQLException {
        Integer known = find(key);
        if (known != null) {
            return known;
        }
        String labels = write(key.labels());
        try (PreparedStatement find =
                connection.prepareStatement("select id from series_key where name = ? and labels = ?")) {
            find.setString(1, key.name());
            find.setString(2, labels);
            try (ResultSet row = find.executeQuery()) {
                if (row.next()) {
                    return keep(key, row.getInt(1));
                }
            }
        }
        try (PreparedStatement insert =
                connection.prepareStatement("insert into series_key (name, labels) values (?, ?) returning id")) {
            insert.setString(1, key.name());
            insert.setString(2, labels);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return keep(key, row.getInt(1));
            }
        }
    }

    private synchronized @Nullable Integer find(SeriesKey key) {
        return numbers.get(key);
    }

    private synchronized int keep(SeriesKey key, int number) {
        numbers.put(key, number);
        keys.put(number, key);
        if (numbers.size() > MOST) {
            var eldest = numbers.entrySet().iterator();
            keys.remove(eldest.next().getValue());
            eldest.remove();
        }
        return number;
    }

    /** Empties the memory; what is on the disk counts. */
    synchronized void forget() {
        numbers.clear();
        keys.clear();
    }

    /** The key of a number; empty when it was forgotten meanwhile. */
    @Nullable SeriesKey key(Connection connection, int number) throws SQLException {
        SeriesKey known = find(number);
        if (known != null) {
            return known;
        }
        try (PreparedStatement find = connection.prepareStatement("select name, labels from series_key where id = ?")) {
            find.setInt(1, number);
            try (ResultSet row = find.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                SeriesKey key = new SeriesKey(row.getString(1), read(row.getString(2)));
                keep(key, number);
                return key;
            }
        }
    }

    private synchronized @Nullable SeriesKey find(int number) {
        return keys.get(number);
    }

    /** The keys of a name that a selector picks. The selector must have a name. */
    Map<Integer, SeriesKey> named(Connection connection, SeriesSelector selector) throws SQLException {
        Map<Integer, SeriesKey> found = new HashMap<>();
        try (PreparedStatement find = connection.prepareStatement("select id, labels from series_key where name = ?")) {
            String name = selector.name().orElseThrow();
            find.setString(1, name);
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    SeriesKey key = new SeriesKey(name, read(row.getString(2)));
                    if (selector.fits(key)) {
                        found.put(row.getInt(1), key);
                    }
                }
            }
        }
        return found;
    }

    private static String write(SortedMap<String, String> labels) {
        try {
            return JSON.writeValueAsString(labels);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("labels cannot be written", e);
        }
    }

    private static SortedMap<String, String> read(String labels) {
        try {
            return JSON.readValue(labels, LABELS);
        } catch (JsonProcessingException e) {
            throw new CorruptBlockException("labels are not JSON: " + e.getOriginalMessage());
        }
    }
}
