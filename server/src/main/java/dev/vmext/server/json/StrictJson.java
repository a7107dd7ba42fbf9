package dev.vmext.server.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Locale;

/**
 * The one way JSON comes in and goes out. Reading refuses what a lenient reader would guess about: a key twice, a key nobody knows, a
 * text where a number belongs, a document deeper than {@value #MAX_DEPTH} levels. Thread-safe.
 */
public final class StrictJson {
    public static final int MAX_DEPTH = 32;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(4 * 1024 * 1024)
                            .maxNumberLength(100)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .addModule(new SimpleModule("instants").addSerializer(new InstantText()))
            .build();

    private StrictJson() {}

    /** Reads a document into a record. */
    public static <T extends Record> T read(byte[] document, Class<T> type) {
        return new RecordBinder(MAPPER).bind(tree(document), type);
    }

    /** Reads at most this many bytes into a record. */
    public static <T extends Record> T read(InputStream document, long limit, Class<T> type) throws IOException {
        return read(bytes(document, limit), type);
    }

    /** Reads a document as it is. */
    public static JsonNode tree(byte[] document) {
        if (document.length == 0) {
            throw malformed("it is empty", "Send a JSON object.");
        }
        try {
            JsonNode tree = MAPPER.readTree(document);
            if (tree == null || tree.isMissingNode()) {
                throw malformed("it is empty", "Send a JSON object.");
            }
            return tree;
        } catch (StreamConstraintsException e) {
            throw malformed(
                    "it is nested deeper than " + MAX_DEPTH + " levels or has a text or number that is too long",
                    "Send a simpler document.");
        } catch (JsonProcessingException e) {
            throw malformed(reason(e), "Correct the JSON text.");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A tree for a value of records, maps, lists and plain values. */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    public static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a " + value.getClass().getSimpleName() + " as JSON", e);
        }
    }

    public static byte[] writePretty(Object value) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a " + value.getClass().getSimpleName() + " as JSON", e);
        }
    }

    /** All bytes, if they are not more than the limit. */
    public static byte[] bytes(InputStream in, long limit) throws IOException {
        byte[] bytes = in.readNBytes((int) Math.min(limit + 1, Integer.MAX_VALUE - 8));
        if (bytes.length > limit) {
            throw new JsonProblem(
                    JsonProblem.Kind.TOO_LARGE, "it is larger than " + limit + " bytes", "Send a smaller document.");
        }
        return bytes;
    }

    private static String reason(JsonProcessingException e) {
        String text = e.getOriginalMessage();
        int end = text.indexOf('\n');
        String line = end < 0 ? text : text.substring(0, end);
        if (line.startsWith("Duplicate field")) {
            line = line.replace("Duplicate field", "two values for the key");
        }
        var at = e.getLocation();
        String where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        return "it is not JSON that can be used: " + lowerFirst(line) + where;
    }

    private static String lowerFirst(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }

    static JsonProblem malformed(String reason, String hint) {
        return new JsonProblem(JsonProblem.Kind.MALFORMED, reason, hint);
    }

    /** Instants as ISO-8601 text, the only form of time on our wires. */
    private static final class InstantText extends StdSerializer<Instant> {
        @Serial
        private static final long serialVersionUID = 1L;

        InstantText() {
            super(Instant.class);
        }

        @Override
        public void serialize(Instant value, JsonGenerator generator, SerializerProvider provider) throws IOException {
            generator.writeString(value.toString());
        }
    }
}
