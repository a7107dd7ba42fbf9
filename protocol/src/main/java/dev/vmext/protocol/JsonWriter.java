package dev.vmext.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes one compact JSON document into memory, fields in the order of the calls; used by one thread for one document. */
public final class JsonWriter {
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .build();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    private final JsonGenerator out;

    /** Begins the document's outermost object. */
    public JsonWriter() {
        try {
            out = FACTORY.createGenerator(bytes);
            out.writeStartObject();
        } catch (IOException e) {
            throw impossible(e);
        }
    }

    public JsonWriter text(String name, String value) {
        try {
            out.writeFieldName(wellFormed(name));
            out.writeString(wellFormed(value));
        } catch (IOException e) {
            throw impossible(e);
        }
        return this;
    }

    /** Leaves the field out when there is no value. */
    public JsonWriter textIfAny(String name, @Nullable String value) {
        return value == null ? this : text(name, value);
    }

    public JsonWriter number(String name, long value) {
        try {
            out.writeNumberField(name, value);
        } catch (IOException e) {
            throw impossible(e);
        }
        return this;
    }

    public JsonWriter bool(String name, boolean value) {
        try {
            out.writeBooleanField(name, value);
        } catch (IOException e) {
            throw impossible(e);
        }
        return this;
    }

    /** An object whose values are all strings. */
    public JsonWriter strings(String name, Map<String, String> entries) {
        object(name);
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            text(entry.getKey(), entry.getValue());
        }
        return end();
    }

    /** An array of strings. */
    public JsonWriter strings(String name, Iterable<String> items) {
        array(name);
        try {
            for (String item : items) {
                out.writeString(wellFormed(item));
            }
        } catch (IOException e) {
            throw impossible(e);
        }
        return end();
    }

    /** Begins an object that is the value of a field. */
    public JsonWriter object(String name) {
        try {
            out.writeFieldName(wellFormed(name));
            out.writeStartObject();
        } catch (IOException e) {
            throw impossible(e);
        }
        return this;
    }

    /** Begins an object that is an item of an array. */
    public JsonWriter object() {
        try {
            out.writeStartObject();
        } catch (IOException e) {
            throw impossible(e);
        }
        return this;
    }

    public JsonWriter array(String name) {
        try {
            out.writeArrayFieldStart(name);
        } catch (IOException e) {
            throw impossible(e);
        }
        return this;
    }

    /** Ends the innermost object or array. */
    public JsonWriter end() {
        try {
            if (out.getOutputContext().inArray()) {
                out.writeEndArray();
            } else {
                out.writeEndObject();
            }
        } catch (IOException e) {
            throw impossible(e);
        }
        return this;
    }

    /** Ends the document and answers its UTF-8 text. */
    public byte[] toBytes() {
        try {
            if (!out.isClosed()) {
                out.writeEndObject();
                out.close();
            }
        } catch (IOException e) {
            throw impossible(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Half a surrogate pair has no UTF-8 form: it comes from text that was cut, or from what a handler printed. It becomes the
     * replacement character, because a status must never be lost for it.
     */
    private static String wellFormed(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return repaired(text, i);
            }
        }
        return text;
    }

    private static String repaired(String text, int from) {
        StringBuilder whole = new StringBuilder(text);
        for (int i = from; i < whole.length(); i++) {
            char c = whole.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < whole.length()
                    && Character.isLowSurrogate(whole.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                whole.setCharAt(i, '\ufffd');
            }
        }
        return whole.toString();
    }

    private static UncheckedIOException impossible(IOException e) {
        return new UncheckedIOException("cannot write JSON to memory", e);
    }
}
