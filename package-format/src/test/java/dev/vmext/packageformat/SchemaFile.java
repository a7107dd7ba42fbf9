package dev.vmext.packageformat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.vmext.packageformat.json.JsonShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JSON Schema of docs/reference, seen as what its readers must agree with. */
public final class SchemaFile {
    private static final Path REFERENCE = Path.of("..", "docs", "reference");

    private final Map<?, ?> root;

    public SchemaFile(String name) throws IOException {
        try (JsonParser parser =
                new JsonFactory().createParser(REFERENCE.resolve(name).toFile())) {
            parser.nextToken();
            root = (Map<?, ?>) value(parser);
        }
    }

    public static List<Path> examples(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(REFERENCE.resolve("examples"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    private static Object value(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            Map<String, Object> members = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                members.put(name, value(parser));
            }
            return members;
        }
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            List<Object> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(parser));
            }
            return items;
        }
        return parser.getText();
    }

    /** The property names of every object of the schema, by where the object stands. */
    public Map<String, Set<String>> fields() {
        Map<String, Set<String>> fields = new TreeMap<>();
        collect(root, "", fields);
        return fields;
    }

    public Set<String> fieldsOfDefinition(String name) {
        Map<String, Set<String>> fields = new TreeMap<>();
        collect(member(member(root, "definitions"), name), "", fields);
        return fields.getOrDefault("", Set.of());
    }

    /** The values an enum allows, by the path of its property. */
    public Map<String, Set<String>> words() {
        Map<String, Set<String>> words = new TreeMap<>();
        collectWords(root, "", words);
        return words;
    }

    public Set<String> required() {
        return ((List<?>) member(root, "required", List.of()))
                .stream().map(String.class::cast).collect(Collectors.toSet());
    }

    /** What a reader's shapes say, in the same form. */
    public static Map<String, Set<String>> fields(Map<String, JsonShape> shapes) {
        Map<String, Set<String>> fields = new TreeMap<>();
        shapes.forEach((path, shape) -> fields.put(path, new TreeSet<>(shape.fields())));
        return fields;
    }

    private static void collect(Map<?, ?> schema, String path, Map<String, Set<String>> fields) {
        Map<?, ?> properties = member(schema, "properties");
        if (!properties.isEmpty()) {
            fields.put(
                    path,
                    properties.keySet().stream()
                            .map(String.class::cast)
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        properties.forEach((name, property) -> collect((Map<?, ?>) property, below(path, name), fields));
        collectItems(schema, path, fields);
    }

    private static void collectItems(Map<?, ?> schema, String path, Map<String, Set<String>> fields) {
        Map<?, ?> items = member(schema, "items");
        if (!items.isEmpty()) {
            collect(items, path, fields);
        }
    }

    private static void collectWords(Map<?, ?> schema, String path, Map<String, Set<String>> words) {
        if (schema.get("enum") instanceof List<?> values) {
            words.put(path, values.stream().map(String.class::cast).collect(Collectors.toCollection(TreeSet::new)));
        }
        member(schema, "properties")
                .forEach((name, property) -> collectWords((Map<?, ?>) property, below(path, name), words));
        Map<?, ?> items = member(schema, "items");
        if (!items.isEmpty()) {
            collectWords(items, path, words);
        }
    }

    private static String below(String path, Object name) {
        return path.isEmpty() ? (String) name : path + "." + name;
    }

    private static Map<?, ?> member(Map<?, ?> object, String name) {
        return (Map<?, ?>) member(object, name, Map.of());
    }

    private static Object member(Map<?, ?> object, String name, Object missing) {
        Object value = object.get(name);
        return value == null ? missing : value;
    }
}
