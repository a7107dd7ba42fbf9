package dev.vmext.server.json;

import static dev.vmext.server.json.StrictJson.malformed;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Puts a JSON tree into records and names the place of everything that does not fit. A component marked nullable may be missing; any
 * other must be there. Knows exactly the types that our documents use.
 */
final class RecordBinder {
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    private final ObjectMapper mapper;

    RecordBinder(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    <T extends Record> T bind(JsonNode node, Class<T> type) {
        return type.cast(record("$", node, type));
    }

    private Object record(String path, JsonNode node, Class<?> type) {
        if (!node.isObject()) {
            throw wrongType(path, "an object", node);
        }
        RecordComponent[] components = type.getRecordComponents();
        List<String> known =
                Arrays.stream(components).map(RecordComponent::getName).toList();
        for (var names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw malformed("there is no key \"" + shown(name) + "\" at " + path, Suggestion.sentence(name, known));
            }
        }
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = component(path + "." + components[i].getName(), node, components[i]);
        }
        return construct(path, type, components, values);
    }

    private @Nullable Object component(String path, JsonNode parent, RecordComponent component) {
        JsonNode node = parent.get(component.getName());
        if (node == null || node.isNull()) {
            if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                return null;
            }
            throw malformed(path + " is missing", "Give it a value.");
        }
        return value(path, node, component.getGenericType());
    }

    private Object value(String path, JsonNode node, Type type) {
        if (type == String.class) {
            return text(path, node);
        }
        if (type == int.class || type == Integer.class) {
            if (!node.isIntegralNumber() || !node.canConvertToInt()) {
                throw wrongType(path, "a whole number", node);
            }
            return node.intValue();
        }
        if (type == long.class || type == Long.class) {
            if (!node.isIntegralNumber() || !node.canConvertToLong()) {
                throw wrongType(path, "a whole number", node);
            }
            return node.longValue();
        }
        if (type == double.class || type == Double.class) {
            if (!node.isNumber()) {
                throw wrongType(path, "a number", node);
            }
            return node.doubleValue();
        }
        if (type == boolean.class || type == Boolean.class) {
            if (!node.isBoolean()) {
                throw wrongType(path, "true or false", node);
            }
            return node.booleanValue();
        }
        if (type == Instant.class) {
            return instant(path, node);
        }
        if (type == Object.class) {
            return Objects.requireNonNull(mapper.convertValue(node, Object.class));
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            return list(path, node, generic.getActualTypeArguments()[0]);
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
            return map(path, node, generic.getActualTypeArguments()[1]);
        }
        if (type instanceof Class<?> nested && nested.isRecord()) {
            return record(path, node, nested);
        }
        throw new IllegalStateException("no JSON form for " + type + " at " + path);
    }

    private static Instant instant(String path, JsonNode node) {
        try {
            return Instant.parse(text(path, node));
        } catch (DateTimeParseException e) {
            throw malformed(path + " must be a time such as 2026-01-31T12:00:00Z", "Correct the value.");
        }
    }

    private static String text(String path, JsonNode node) {
        if (!node.isTextual()) {
            throw wrongType(path, "a text", node);
        }
        return node.textValue();
    }

    private List<Object> list(String path, JsonNode node, Type element) {
        if (!node.isArray()) {
            throw wrongType(path, "a list", node);
        }
        var values = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            values.add(value(path + "[" + i + "]", node.get(i), element));
        }
        return values;
    }

    private Map<String, Object> map(String path, JsonNode node, Type value) {
        if (!node.isObject()) {
            throw wrongType(path, "an object", node);
        }
        if (value == Object.class) {
            return mapper.convertValue(node, OBJECT);
        }
        var values = new LinkedHashMap<String, Object>();
        for (var entry : node.properties()) {
            values.put(entry.getKey(), value(path + "." + shown(entry.getKey()), entry.getValue(), value));
        }
        return values;
    }

    private static Object construct(
            String path, Class<?> type, RecordComponent[] components, @Nullable Object[] values) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw new JsonProblem(JsonProblem.Kind.VALUE, path + ": " + refused.getMessage(), "Correct the value.");
            }
            throw new IllegalStateException("cannot make a " + type.getSimpleName(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make a " + type.getSimpleName(), e);
        }
    }

    private static JsonProblem wrongType(String path, String wanted, JsonNode found) {
        return malformed(path + " must be " + wanted + ", not " + kind(found), "Correct the value's type.");
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case BOOLEAN -> "true or false";
            case NULL, MISSING -> "null";
            case NUMBER -> "the number " + shown(node.asText());
            case OBJECT, POJO -> "an object";
            case STRING, BINARY -> "a text";
        };
    }

    /** What a stranger sent, short enough and without control characters for a message. */
    private static String shown(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 64 ? clean : clean.substring(0, 64) + "...";
    }
}
