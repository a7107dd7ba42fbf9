package dev.vmext.server.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmext.fleet.Installation.Conditions;
import dev.vmext.protocol.goal.Order;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The conditions of an installation as JSON in one column; what is missing has its default. Any thread. */
final class ConditionsColumn {
    private ConditionsColumn() {}

    static String json(Conditions conditions) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (conditions.orders() > 0) {
            json.put("orders", conditions.orders());
        }
        Order.Kind order = conditions.order();
        if (order != null) {
            json.put("order", order.wire());
        }
        put(json, "orderedAt", conditions.orderedAt());
        if (!conditions.deadlines().isEmpty()) {
            ObjectNode deadlines = json.putObject("deadlines");
            conditions.deadlines().forEach((command, deadline) -> deadlines.put(command, deadline.toSeconds()));
        }
        put(json, "expiresAt", conditions.expiresAt());
        return Columns.write(json);
    }

    private static void put(ObjectNode json, String name, @Nullable Instant time) {
        if (time != null) {
            json.put(name, time.toEpochMilli());
        }
    }

    @SuppressWarnings("NullAway") // it overlooks the annotation of a nested type that comes from another module
    static Conditions read(ResultSet row) throws SQLException {
        JsonNode json = Columns.tree(row, "conditions");
        if (json == null || json.isEmpty()) {
            return Conditions.NONE;
        }
        Map<String, Duration> deadlines = new HashMap<>();
        json.path("deadlines")
                .properties()
                .forEach(one -> deadlines.put(
                        one.getKey(), Duration.ofSeconds(one.getValue().longValue())));
        return new Conditions(
                json.path("orders").longValue(),
                Order.Kind.find(json.path("order").asText()).orElse(null),
                instant(json, "orderedAt"),
                deadlines,
                instant(json, "expiresAt"));
    }

    private static @Nullable Instant instant(JsonNode json, String name) {
        JsonNode millis = json.get(name);
        return millis == null ? null : Instant.ofEpochMilli(millis.longValue());
    }
}
