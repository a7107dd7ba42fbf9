package dev.vmext.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON document strictly, from front to back; used by one thread for one document. Every refusal is a {@link
 * ProblemException} that names the document and the place as a JSON pointer, and never repeats content, which may be secret. A key
 * that occurs twice is refused: two readers could take different ones.
 *
 * <pre>
 * in.object();
 * while (in.nextField()) {
 *     switch (in.name()) {
 *         case "seq" -&gt; sequence = in.integer();
 *         default -&gt; in.skip();
 *     }
 * }
 * in.end();
 * </pre>
 */
public final class JsonReader {
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(64)
                    .maxNumberLength(64)
                    .maxNameLength(1024)
                    .build())
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .build();

    private final String what;
    private final JsonParser parser;
    private String name = "";

    /**
     * @param what names the document in messages, e.g. {@code the goal state}
     * @param maxBytes size from which on it is refused unread
     */
    public JsonReader(String what, byte[] json, int maxBytes) {
        this.what = what;
        if (json.length > maxBytes) {
            throw new ProblemException(
                    ProblemCode.REQUEST_TOO_LARGE,
                    "cannot read " + what + ": it has " + json.length + " bytes, the limit is " + maxBytes,
                    "Make it smaller.");
        }
        try {
            this.parser = FACTORY.createParser(json);
        } catch (IOException e) {
            throw new IllegalStateException("a parser on bytes in memory reads nothing yet", e);
        }
    }

    /** Goes into the document's only value, which must be an object. */
    public void document() {
        advance();
        object();
    }

    /** The present value must be an object; {@link #nextField} then walks through it. */
    public void object() {
        expect(JsonToken.START_OBJECT, "an object");
    }

    /** The present value must be an array; {@link #nextItem} then walks through it. */
    public void array() {
        expect(JsonToken.START_ARRAY, "an array");
    }

    /** Moves to the next field's value, or to the end of the object and answers false. */
    public boolean nextField() {
        if (advance() == JsonToken.END_OBJECT) {
            return false;
        }
        try {
            name = parser.currentName();
        } catch (IOException e) {
            throw notJson();
        }
        advance();
        return true;
    }

    /** The key of the field that {@link #nextField} moved to. */
    public String name() {
        return name;
    }

    /** Moves to the next item, or to the end of the array and answers false. */
    public boolean nextItem() {
        return advance() != JsonToken.END_ARRAY;
    }

    public String string() {
        expect(JsonToken.VALUE_STRING, "a string");
        try {
            return parser.getText();
        } catch (StreamConstraintsException e) {
            throw tooLarge();
        } catch (IOException e) {
            throw notJson();
        }
    }

    /** A string of at most so many characters. */
    public String string(int maxLength) {
        String text = string();
        if (text.length() > maxLength) {
            throw refused("it is longer than " + maxLength + " characters");
        }
        return text;
    }

    public @Nullable String stringOrNull() {
        return isNull() ? null : string();
    }

    public boolean isNull() {
        return parser.currentToken() == JsonToken.VALUE_NULL;
    }

    /** A whole number that fits into 64 bits. */
    public long integer() {
        expect(JsonToken.VALUE_NUMBER_INT, "a whole number");
        try {
            return parser.getLongValue();
        } catch (IOException e) {
            throw refused("the number is too large");
        }
    }

    /** A whole number that fits into 32 bits. */
    public int smallInteger() {
        long number = integer();
        if ((int) number != number) {
            throw refused("the number is too large");
        }
        return (int) number;
    }

    public boolean bool() {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
            throw refused("it must be true or false");
        }
        return token == JsonToken.VALUE_TRUE;
    }

    /** A time as ISO 8601 in UTC. */
    public Instant instant() {
        try {
            return Instant.parse(string(40));
        } catch (DateTimeException e) {
            throw refused("it must be a time such as 2026-01-31T12:00:00Z");
        }
    }

    public Digest digest() {
        try {
            return new Digest(string(80));
        } catch (IllegalArgumentException e) {
            throw refused("it must be a digest of the form sha256:<64 lower-case hex digits>");
        }
    }

    /** An object whose values are all strings. */
    public Map<String, String> strings() {
        Map<String, String> entries = new LinkedHashMap<>();
        object();
        while (nextField()) {
            entries.put(name, string());
        }
        return entries;
    }

    /** Steps over the present value, whatever it is. */
    public void skip() {
        try {
            parser.skipChildren();
        } catch (StreamConstraintsException e) {
            throw tooLarge();
        } catch (IOException e) {
            throw notJson();
        }
    }

    /** Nothing may follow. */
    public void end() {
        JsonToken more;
        try {
            more = parser.nextToken();
        } catch (IOException e) {
            throw notJson();
        }
        if (more != null) {
            throw refused("something follows after its end");
        }
    }

    /** What to throw when the present value is not acceptable. */
    public ProblemException refused(String why) {
        String place = parser.getParsingContext().pathAsPointer().toString();
        return new ProblemException(
                ProblemCode.MALFORMED_REQUEST,
                "cannot read " + what + (place.isEmpty() ? "" : " at " + place) + ": " + why,
                "Correct the sender, or update the older of the two sides.");
    }

    /** What to throw when a field is missing from the object that was just left. */
    public ProblemException missing(String field) {
        return refused("the field \"" + field + "\" is missing");
    }

    private void expect(JsonToken expected, String description) {
        if (parser.currentToken() != expected) {
            throw refused("it must be " + description);
        }
    }

    private JsonToken advance() {
        JsonToken token;
        try {
            token = parser.nextToken();
        } catch (StreamConstraintsException e) {
            throw tooLarge();
        } catch (IOException e) {
            throw notJson();
        }
        if (token == null) {
            throw notJson();
        }
        return token;
    }

    private ProblemException tooLarge() {
        return refused("it is nested too deeply or a part of it is too long");
    }

    /** The parser's own message may quote the text, so that only the place is taken from it. */
    private ProblemException notJson() {
        JsonLocation location = parser.currentLocation();
        return refused("it is not valid JSON, see line " + location.getLineNr() + ", column " + location.getColumnNr());
    }
}
