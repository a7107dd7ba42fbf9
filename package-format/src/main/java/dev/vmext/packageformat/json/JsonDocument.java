package dev.vmext.packageformat.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON text held as maps, lists, texts, numbers and booleans. Parsing refuses what two readers could understand differently:
 * duplicate keys, invalid UTF-8, anything after the document. Immutable once built; any thread.
 */
public final class JsonDocument {
    /** The largest document that is read. Manifests are a few KiB; the settings schema inside may take more. */
    public static final int MAX_BYTES = 1 << 20;

    private static final int MAX_DEPTH = 64;
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(100)
                    .build())
            .build();

    private final String file;
    private final PackageProblem kind;
    private final @Nullable Object root;

    private JsonDocument(String file, PackageProblem kind, @Nullable Object root) {
        this.file = file;
        this.kind = kind;
        this.root = root;
    }

    /**
     * Parses a whole document. {@code file} is what messages call it; {@code kind} is the problem that every fault in it is
     * reported as. A UTF-8 byte order mark at the start is ignored.
     */
    public static JsonDocument parse(byte[] bytes, String file, PackageProblem kind) {
        if (bytes.length > MAX_BYTES) {
            throw new PackageException(
                    PackageProblem.LIMIT_EXCEEDED,
                    "cannot read " + file + ": it has " + bytes.length + " bytes",
                    "at most " + MAX_BYTES + " bytes are allowed");
        }
        String text = decode(bytes, file, kind);
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() == null) {
                throw new PackageException(kind, "cannot read " + file + ": it is empty", "");
            }
            Object root = value(parser);
            if (parser.nextToken() != null) {
                throw new PackageException(
                        kind, "cannot read " + file + ": there is text after the end of the document", "");
            }
            return new JsonDocument(file, kind, root);
        } catch (StreamConstraintsException tooMuch) {
            throw new PackageException(
                    PackageProblem.LIMIT_EXCEEDED,
                    "cannot read " + file + ": it is nested deeper than " + MAX_DEPTH
                            + " levels or has too long names or numbers",
                    "",
                    tooMuch);
        } catch (com.fasterxml.jackson.core.JsonProcessingException broken) {
            var at = broken.getLocation();
            String where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
            throw new PackageException(
                    kind,
                    "cannot read " + file + ": " + broken.getOriginalMessage() + where,
                    "correct the JSON",
                    broken);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static String decode(byte[] bytes, String file, PackageProblem kind) {
        boolean bom = bytes.length >= 3
                && (bytes[0] & 0xff) == 0xef
                && (bytes[1] & 0xff) == 0xbb
                && (bytes[2] & 0xff) == 0xbf;
        int from = bom ? 3 : 0;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, bytes.length - from))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new PackageException(
                    kind, "cannot read " + file + ": it is not UTF-8 text", "save it as UTF-8", notUtf8);
        }
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getText());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException("the JSON parser answered " + parser.currentToken());
        };
    }

    private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return members;
    }

    private static List<@Nullable Object> array(JsonParser parser) throws IOException {
        List<@Nullable Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser));
        }
        return items;
    }

    /** The document as an object with exactly these fields; any other field is an error with a suggestion. */
    public JsonFields object(JsonShape shape) {
        return JsonFields.of(this, "", root, shape);
    }

    /** The first element of a document that is an array; unknown fields are allowed there. */
    public JsonFields firstElement(JsonShape shape) {
        if (root instanceof List<?> list && !list.isEmpty()) {
            return JsonFields.of(this, "[0]", list.getFirst(), shape);
        }
        throw problem("", "it must be a JSON array with at least one object", "");
    }

    PackageException problem(String path, String why, String hint) {
        String at = path.isEmpty() ? "" : path + ": ";
        return new PackageException(kind, "cannot read " + file + ": " + at + why, hint);
    }

    /** The compact JSON text of a value of this tree. */
    static String write(@Nullable Object value) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            write(generator, value);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toString();
    }

    private static void write(JsonGenerator generator, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> generator.writeNull();
            case String text -> generator.writeString(text);
            case Boolean flag -> generator.writeBoolean(flag);
            case JsonNumber number -> generator.writeNumber(number.text());
            case Map<?, ?> members -> {
                generator.writeStartObject();
                for (Map.Entry<?, ?> member : members.entrySet()) {
                    generator.writeFieldName((String) member.getKey());
                    write(generator, member.getValue());
                }
                generator.writeEndObject();
            }
            case List<?> items -> {
                generator.writeStartArray();
                for (Object item : items) {
                    write(generator, item);
                }
                generator.writeEndArray();
            }
            default -> throw new IllegalStateException("no JSON value: " + value.getClass());
        }
    }
}
