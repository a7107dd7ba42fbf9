package dev.vmext.server.jdbc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values between columns and records: times, numbers that may be missing, JSON. Holds nothing that changes, any thread. */
final class Columns {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};
    private static final TypeReference<Map<String, String>> TEXT_MAP = new TypeReference<>() {};

    private Columns() {}

    static String text(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        if (text == null) {
            throw new IllegalStateException("column " + column + " is empty and must not be");
        }
        return text;
    }

    static @Nullable Integer integer(ResultSet row, String column) throws SQLException {
        int number = row.getInt(column);
        return row.wasNull() ? null : number;
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return Instant.ofEpochMilli(row.getLong(column));
    }

    static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : time.toEpochMilli();
    }

    static String json(Collection<String> texts) {
        return write(texts);
    }

    static String json(Map<String, String> texts) {
        return write(new TreeMap<>(texts));
    }

    static List<String> texts(ResultSet row, String column) throws SQLException {
        try {
            return JSON.readValue(text(row, column), TEXTS);
        } catch (JsonProcessingException e) {
            throw damaged(column, e);
        }
    }

    static Map<String, String> textMap(ResultSet row, String column) throws SQLException {
        try {
            return JSON.readValue(text(row, column), TEXT_MAP);
        } catch (JsonProcessingException e) {
            throw damaged(column, e);
        }
    }

    static @Nullable String json(@Nullable Problem problem) {
        if (problem == null) {
            return null;
        }
        return write(JSON.createObjectNode()
                .put("type", problem.type())
                .put("title", problem.title())
                .put("status", problem.status())
                .put("detail", problem.detail())
                .put("code", problem.code())
                .put("hint", problem.hint())
                .put("retry", problem.retry()));
    }

    static @Nullable Problem problem(ResultSet row, String column) throws SQLException {
        JsonNode json = tree(row, column);
        return json == null
                ? null
                : new Problem(
                        json.required("type").textValue(),
                        json.required("title").textValue(),
                        json.required("status").intValue(),
                        json.required("detail").textValue(),
                        json.required("code").textValue(),
                        json.required("hint").textValue(),
                        json.required("retry").booleanValue());
    }

    static String json(Cause cause) {
        ObjectNode json = JSON.createObjectNode()
                .put("kind", cause.kind().wire())
                .put("step", cause.step())
                .put("message", cause.message())
                .put("hint", cause.hint());
        ObjectNode evidence = json.putObject("evidence");
        new TreeMap<>(cause.evidence()).forEach(evidence::put);
        return write(json);
    }

    static @Nullable Cause cause(ResultSet row, String column) throws SQLException {
        JsonNode json = tree(row, column);
        if (json == null) {
            return null;
        }
        Map<String, String> evidence = new TreeMap<>();
        json.required("evidence")
                .properties()
                .forEach(entry -> evidence.put(entry.getKey(), entry.getValue().textValue()));
        return new Cause(
                CauseClass.find(json.required("kind").textValue()).orElse(CauseClass.AGENT),
                json.required("step").textValue(),
                json.required("message").textValue(),
                json.required("hint").textValue(),
                evidence);
    }

    static @Nullable String json(@Nullable InstallationGoal line) {
        if (line == null) {
            return null;
        }
        ObjectNode json = JSON.createObjectNode()
                .put("name", line.name())
                .put("extension", line.extension())
                .put("version", line.version())
                .put("digest", line.packageDigest().text())
                .put("presence", line.presence().wire())
                .put("sequence", line.sequence())
                .put("settings", line.publicSettings());
        line.after().forEach(json.putArray("after")::add);
        ProtectedSettings secret = line.protectedSettings();
        if (secret != null) {
            json.putObject("protected").put("thumbprint", secret.thumbprint()).put("cms", secret.cms());
        }
        terms(json, line.terms());
        return write(json);
    }

    static @Nullable InstallationGoal line(ResultSet row, String column) throws SQLException {
        JsonNode json = tree(row, column);
        if (json == null) {
            return null;
        }
        JsonNode secret = json.path("protected");
        return new InstallationGoal(
                json.required("name").textValue(),
                json.required("extension").textValue(),
                json.required("version").textValue(),
                new Digest(json.required("digest").textValue()),
                presence(json.required("presence").textValue()),
                json.required("sequence").longValue(),
                json.required("after").valueStream().map(JsonNode::textValue).toList(),
                json.required("settings").textValue(),
                secret.isMissingNode()
                        ? null
                        : new ProtectedSettings(
                                secret.required("thumbprint").textValue(),
                                secret.required("cms").textValue()),
                terms(json));
    }

    /** Lines written before there were terms have none of these fields. */
    private static void terms(ObjectNode json, Terms terms) {
        Order order = terms.order();
        if (order != null) {
            json.putObject("order")
                    .put("number", order.number())
                    .put("kind", order.kind().wire());
        }
        if (!terms.deadlines().isEmpty()) {
            ObjectNode deadlines = json.putObject("deadlines");
            terms.deadlines().forEach((command, deadline) -> deadlines.put(command, deadline.toSeconds()));
        }
        if (!terms.conflicts().isEmpty()) {
            terms.conflicts().forEach(json.putArray("conflicts")::add);
        }
    }

    private static Terms terms(JsonNode json) {
        JsonNode order = json.path("order");
        Map<String, Duration> deadlines = new HashMap<>();
        json.path("deadlines")
                .properties()
                .forEach(one -> deadlines.put(
                        one.getKey(), Duration.ofSeconds(one.getValue().longValue())));
        return new Terms(
                order.isMissingNode()
                        ? null
                        : new Order(
                                order.required("number").longValue(),
                                Order.Kind.find(order.required("kind").textValue())
                                        .orElseThrow()),
                deadlines,
                json.path("conflicts").valueStream().map(JsonNode::textValue).toList());
    }

    static Presence presence(String wire) {
        for (Presence presence : Presence.values()) {
            if (presence.wire().equals(wire)) {
                return presence;
            }
        }
        throw new IllegalStateException("not a presence: " + wire);
    }

    static @Nullable JsonNode tree(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        if (text == null) {
            return null;
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw damaged(column, e);
        }
    }

    static String write(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and trees can always be written", e);
        }
    }

    private static IllegalStateException damaged(String column, JsonProcessingException e) {
        // Without the content: it may hold settings.
        return new IllegalStateException("column " + column + " holds no JSON: " + e.getOriginalMessage());
    }
}
