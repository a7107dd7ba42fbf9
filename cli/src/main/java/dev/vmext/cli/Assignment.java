package dev.vmext.cli;

import com.fasterxml.jackson.core.JacksonException;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One {@code a.b=VALUE} of {@code --set}: a path into the settings and a value typed by the JSON Schema at that path.
 *
 * @param path never empty
 */
record Assignment(List<String> path, Object value) {
    Assignment {
        path = List.copyOf(path);
    }

    static Assignment parse(String text, Optional<Map<String, Object>> schema) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot read '" + text + "' as a setting: there is no KEY= at its start",
                    "Write --set KEY=VALUE, for example --set defaultInbound=drop.");
        }
        String key = text.substring(0, equals);
        List<String> path = path(key);
        String raw = text.substring(equals + 1);
        Map<String, Object> at = schema.orElse(Map.of());
        for (String part : path) {
            at = property(at, part);
        }
        return new Assignment(path, typed(raw, at.get("type"), key));
    }

    static Assignment ofText(String key, String value) {
        return new Assignment(path(key), value);
    }

    private static List<String> path(String key) {
        List<String> path = List.of(key.split("\\.", -1));
        if (path.contains("")) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot read '" + key + "' as the name of a setting: a part between its dots is empty",
                    "Write for example a.b for the setting b inside the object a.");
        }
        return path;
    }

    /** Puts the value where it belongs, making the objects on the way. */
    void applyTo(Map<String, Object> settings) {
        Map<String, Object> at = settings;
        for (String part : path.subList(0, path.size() - 1)) {
            Map<String, Object> next = new LinkedHashMap<>(asObject(at.get(part)));
            at.put(part, next);
            at = next;
        }
        at.put(path.getLast(), value);
    }

    private static Map<String, Object> property(Map<String, Object> schema, String name) {
        Object known = asObject(schema.get("properties")).get(name);
        return known != null ? asObject(known) : asObject(schema.get("additionalProperties"));
    }

    @SuppressWarnings("unchecked") // Jackson makes string keys only
    private static Map<String, Object> asObject(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    private static Object typed(String raw, @Nullable Object type, String key) {
        List<?> types = type instanceof List<?> several ? several : type == null ? List.of() : List.of(type);
        if (types.contains("string")) {
            return raw;
        }
        try {
            if (types.contains("integer")) {
                return new BigInteger(raw.strip());
            }
            if (types.contains("number")) {
                return new BigDecimal(raw.strip());
            }
        } catch (NumberFormatException e) {
            throw wrong(key, raw, "a number");
        }
        if (types.contains("boolean")) {
            return switch (raw.strip()) {
                case "true" -> true;
                case "false" -> false;
                default -> throw wrong(key, raw, "true or false");
            };
        }
        if (types.contains("array") || types.contains("object")) {
            try {
                return Json.MAPPER.readValue(raw, Object.class);
            } catch (JacksonException e) {
                throw wrong(key, raw, "JSON, for example '[\"a\", \"b\"]'");
            }
        }
        return raw; // No schema knows it: text, and the control plane will say if the name is wrong.
    }

    private static ProblemException wrong(String key, String raw, String wanted) {
        return new ProblemException(
                ProblemCode.SETTINGS_INVALID,
                "cannot set " + key + " to '" + raw + "': the extension wants " + wanted,
                "See 'vmext extension show EXTENSION' for all settings and their types.");
    }
}
