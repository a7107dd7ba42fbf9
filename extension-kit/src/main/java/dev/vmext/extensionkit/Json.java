package dev.vmext.extensionkit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON value as an immutable tree. Handlers carry no databind, so this is what settings are read into and status is
 * written from. Reading is strict: one value, no duplicate keys, at most 64 levels deep. Any thread.
 */
public sealed interface Json {
    /** An object; keeps the order of its fields. */
    record Obj(Map<String, Json> fields) implements Json {
        public Obj {
            fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        }

        public Optional<Json> find(String key) {
            return Optional.ofNullable(fields.get(key));
        }

        /** The same object with one more field at the end, or with that field replaced. */
        public Obj with(String key, Json value) {
            Map<String, Json> more = new LinkedHashMap<>(fields);
            more.put(key, value);
            return new Obj(more);
        }

        public Obj with(String key, String value) {
            return with(key, new Str(value));
        }

        public Obj with(String key, long value) {
            return with(key, new Num(BigDecimal.valueOf(value)));
        }
    }

    record Arr(List<Json> items) implements Json {
        public Arr {
            items = List.copyOf(items);
        }
    }

    record Str(String value) implements Json {}

    record Num(BigDecimal value) implements Json {}

    record Bool(boolean value) implements Json {}

    record Null() implements Json {}

    static Obj object() {
        return new Obj(Map.of());
    }

    static Arr array(Json... items) {
        return new Arr(List.of(items));
    }

    /** Reads exactly one JSON value. Throws {@link JsonException} with line and column, never with the text itself. */
    static Json parse(String text) {
        try (JsonParser parser = Codec.FACTORY.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new JsonException("the text is empty");
            }
            Json value = Codec.read(parser, first);
            if (parser.nextToken() != null) {
                throw new JsonException("there is more text after the JSON value");
            }
            return value;
        } catch (IOException e) {
            throw JsonException.of(e);
        }
    }

    /** One line, with {@code ", "} and {@code ": "} left out: the compact form. */
    default String text() {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = Codec.FACTORY.createGenerator(out)) {
            Codec.write(generator, this);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write JSON to memory", e);
        }
        return out.toString();
    }

    /** What a reader of an error message calls this kind of value. */
    default String kind() {
        return switch (this) {
            case Obj _ -> "an object";
            case Arr _ -> "a list";
            case Str _ -> "a text";
            case Num _ -> "a number";
            case Bool _ -> "true or false";
            case Null _ -> "null";
        };
    }

    /** The streaming reader and writer behind {@link #parse} and {@link #text}. */
    final class Codec {
        private static final JsonFactory FACTORY = JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .disable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(64)
                        .maxNumberLength(100)
                        .build())
                .build();

        private Codec() {}

        private static Json read(JsonParser parser, JsonToken token) throws IOException {
            return switch (token) {
                case START_OBJECT -> {
                    Map<String, Json> fields = new LinkedHashMap<>();
                    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                        fields.put(name, read(parser, parser.nextToken()));
                    }
                    yield new Obj(fields);
                }
                case START_ARRAY -> {
                    List<Json> items = new ArrayList<>();
                    for (JsonToken item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
                        items.add(read(parser, item));
                    }
                    yield new Arr(items);
                }
                case VALUE_STRING -> new Str(parser.getText());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Num(new BigDecimal(parser.getText()));
                case VALUE_TRUE -> new Bool(true);
                case VALUE_FALSE -> new Bool(false);
                case VALUE_NULL -> new Null();
                case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new JsonException("unexpected " + token);
            };
        }

        private static void write(JsonGenerator generator, Json value) throws IOException {
            switch (value) {
                case Obj(Map<String, Json> fields) -> {
                    generator.writeStartObject();
                    for (Map.Entry<String, Json> field : fields.entrySet()) {
                        generator.writeFieldName(field.getKey());
                        write(generator, field.getValue());
                    }
                    generator.writeEndObject();
                }
                case Arr(List<Json> items) -> {
                    generator.writeStartArray();
                    for (Json item : items) {
                        write(generator, item);
                    }
                    generator.writeEndArray();
                }
                case Str(String text) -> generator.writeString(text);
                case Num(BigDecimal number) -> generator.writeNumber(number);
                case Bool(boolean flag) -> generator.writeBoolean(flag);
                case Null() -> generator.writeNull();
            }
        }
    }
}
