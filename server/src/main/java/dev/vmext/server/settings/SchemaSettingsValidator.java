package dev.vmext.server.settings;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.vmext.fleet.SettingsValidator;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.JsonProblem;
import dev.vmext.server.json.StrictJson;
import dev.vmext.server.json.Suggestion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON Schema draft-07 with messages for people. Compiled schemas are kept by the digest of their text, the least recently used go first.
 * A schema is complete in itself: one that refers to another document is refused, and nothing is ever fetched. Any thread.
 */
public final class SchemaSettingsValidator implements SettingsValidator {
    private static final int KEPT = 256;

    private final JsonSchemaFactory factory = JsonSchemaFactory.getInstance(
            VersionFlag.V7,
            builder -> builder.schemaLoaders(loaders -> loaders.add(iri -> {
                throw new JsonSchemaException("refers to another document");
            })));
    private final SchemaValidatorsConfig config = SchemaValidatorsConfig.builder()
            .pathType(PathType.JSON_POINTER)
            .formatAssertionsEnabled(true)
            .build();
    /** Guarded by itself. */
    private final Map<Digest, Compiled> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, Compiled> eldest) {
            return size() > KEPT;
        }
    };

    private record Compiled(JsonNode text, JsonSchema schema) {}

    /** Refuses (package-invalid) a schema that cannot be used. */
    public void check(String schema) {
        compile(schema);
    }

    @Override
    public List<Fault> validate(String schema, Map<String, Object> settings) {
        Compiled compiled = compile(schema);
        List<Fault> faults = new ArrayList<>();
        for (ValidationMessage message : compiled.schema().validate(StrictJson.tree(settings))) {
            faults.add(fault(compiled.text(), message));
        }
        faults.sort(Comparator.comparing(Fault::path));
        return faults;
    }

    private Compiled compile(String schema) {
        byte[] bytes = schema.getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.of(bytes);
        synchronized (kept) {
            Compiled known = kept.get(digest);
            if (known != null) {
                return known;
            }
        }
        Compiled compiled = compile(bytes);
        synchronized (kept) {
            kept.put(digest, compiled);
        }
        return compiled;
    }

    private Compiled compile(byte[] bytes) {
        try {
            JsonNode text = StrictJson.tree(bytes);
            if (!text.isObject()) {
                throw unusable("it is not a JSON object", null);
            }
            refuseReferences(text);
            JsonSchema schema = factory.getSchema(text, config);
            schema.initializeValidators();
            return new Compiled(text, schema);
        } catch (JsonProblem e) {
            throw unusable(e.reason(), e);
        } catch (JsonSchemaException | IllegalArgumentException e) {
            throw unusable("it is no JSON Schema draft-07", e);
        }
    }

    private static void refuseReferences(JsonNode node) {
        JsonNode reference = node.get("$ref");
        if (reference != null && reference.isTextual() && !reference.textValue().startsWith("#")) {
            throw unusable("its $ref points out of the document", null);
        }
        node.forEach(SchemaSettingsValidator::refuseReferences);
    }

    private static ProblemException unusable(String why, @Nullable Throwable cause) {
        return new ProblemException(
                ProblemCode.PACKAGE_INVALID,
                "cannot use the extension's settings schema: " + why,
                "The publisher corrects settingsSchema or protectedSchema in extension.json; definitions go into the"
                        + " schema itself.",
                cause);
    }

    private static Fault fault(JsonNode schema, ValidationMessage message) {
        String path = message.getInstanceLocation().toString();
        String place = path.isEmpty() ? "the settings" : path;
        JsonNode wanted = message.getSchemaNode();
        String limit = wanted == null || wanted.isContainerNode() ? "" : wanted.asText();
        String property = message.getProperty() == null ? "" : message.getProperty();
        return switch (message.getType()) {
            case "additionalProperties", "unevaluatedProperties", "propertyNames" -> unknownKey(schema, message, path);
            case "required" ->
                plain(path, place + (path.isEmpty() ? " lack " : " lacks ") + quoted(property) + ", which is required");
            case "type" -> plain(path, place + " must be " + types(wanted) + ", not " + kind(message));
            case "enum" -> plain(path, place + " must be one of " + words(wanted));
            case "const" -> plain(path, place + " must be " + words(wanted));
            case "minimum" -> plain(path, place + " must be at least " + limit);
            case "maximum" -> plain(path, place + " must be at most " + limit);
            case "exclusiveMinimum" -> plain(path, place + " must be more than " + limit);
            case "exclusiveMaximum" -> plain(path, place + " must be less than " + limit);
            case "multipleOf" -> plain(path, place + " must be a multiple of " + limit);
            case "minLength" -> plain(path, place + " must have at least " + limit + " characters");
            case "maxLength" -> plain(path, place + " must have at most " + limit + " characters");
            case "minItems" -> plain(path, place + " must have at least " + limit + " items");
            case "maxItems" -> plain(path, place + " must have at most " + limit + " items");
            case "uniqueItems" -> plain(path, place + " must not have an item twice");
            case "minProperties" -> plain(path, place + " must have at least " + limit + " keys");
            case "maxProperties" -> plain(path, place + " must have at most " + limit + " keys");
            case "pattern" -> plain(path, place + " must match the pattern " + limit);
            case "format" -> plain(path, place + " must be of the format " + limit);
            case "not" -> plain(path, place + " must not have this form");
            default -> plain(path, place + " must fit the schema's " + message.getType());
        };
    }

    private static Fault plain(String path, String message) {
        return new Fault(path, message, false, "");
    }

    private static Fault unknownKey(JsonNode schema, ValidationMessage message, String path) {
        String key = message.getProperty() == null ? "" : message.getProperty();
        List<String> known = known(schema, message);
        String escaped = key.replace("~", "~0").replace("/", "~1");
        return new Fault(
                path + "/" + escaped,
                "there is no setting " + quoted(key)
                        + (known.isEmpty() ? "" : "; known are " + String.join(", ", known)),
                true,
                Suggestion.nearest(key, known).orElse(""));
    }

    /** The names that the object schema with the violated keyword has. */
    private static List<String> known(JsonNode schema, ValidationMessage message) {
        List<String> names = new ArrayList<>();
        String keyword = message.getSchemaLocation().getFragment().toString();
        int parent = keyword.lastIndexOf('/');
        if (parent >= 0) {
            schema.at(JsonPointer.compile(keyword.substring(0, parent)))
                    .path("properties")
                    .fieldNames()
                    .forEachRemaining(names::add);
        }
        return names;
    }

    private static String types(@Nullable JsonNode wanted) {
        if (wanted == null) {
            return "of another type";
        }
        List<String> types = new ArrayList<>();
        if (wanted.isArray()) {
            wanted.forEach(type -> types.add(type.asText()));
        } else {
            types.add(wanted.asText());
        }
        return String.join(
                " or ", types.stream().map(SchemaSettingsValidator::typeWord).toList());
    }

    private static String typeWord(String type) {
        return switch (type) {
            case "string" -> "a text";
            case "integer" -> "a whole number";
            case "number" -> "a number";
            case "boolean" -> "true or false";
            case "array" -> "a list";
            case "object" -> "an object";
            default -> type;
        };
    }

    private static String kind(ValidationMessage message) {
        JsonNode found = message.getInstanceNode();
        return found == null
                ? "what it is"
                : switch (found.getNodeType()) {
                    case ARRAY -> "a list";
                    case BOOLEAN -> "true or false";
                    case NULL, MISSING -> "null";
                    case NUMBER -> "a number";
                    case OBJECT, POJO -> "an object";
                    case STRING, BINARY -> "a text";
                };
    }

    private static String words(@Nullable JsonNode wanted) {
        List<String> words = new ArrayList<>();
        if (wanted != null && wanted.isArray()) {
            wanted.forEach(word -> words.add(word.toString()));
        } else if (wanted != null) {
            words.add(wanted.toString());
        }
        return String.join(", ", words);
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }
}
