package dev.vmext.agent.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A JSON document as maps, lists, strings, numbers, booleans and null: for files of others, whose faults are to be tolerated or
 * named one by one. Pure.
 */
public final class JsonTree {
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).build())
            .build();

    private static final JsonFactory SHORT_TEXTS = new JsonFactoryBuilder()
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxStringLength(1 << 16)
                    .build())
            .build();

    private JsonTree() {}

    /** Throws when this is not exactly one JSON value. A byte order mark in front is allowed. */
    public static @Nullable Object parse(byte[] json) throws IOException {
        try (JsonParser in = FACTORY.createParser(json)) {
            JsonToken first = in.nextToken();
            if (first == null) {
                throw new IOException("it is empty");
            }
            Object value = value(in, first);
            if (in.nextToken() != null) {
                throw new IOException("something follows its end");
            }
            return value;
        }
    }

    /**
     * Hands over the elements of an array one after the other, or the one value that stands instead of an array, until the taker
     * answers false. Only one element is held at a time; texts of more than 64 Ki characters are refused.
     */
    public static void eachOf(InputStream json, Predicate<@Nullable Object> taker) throws IOException {
        try (JsonParser in = SHORT_TEXTS.createParser(json)) {
            JsonToken first = in.nextToken();
            if (first == null) {
                throw new IOException("it is empty");
            }
            if (first != JsonToken.START_ARRAY) {
                var _ = taker.test(value(in, first));
                return;
            }
            for (JsonToken item = in.nextToken(); item != JsonToken.END_ARRAY; item = in.nextToken()) {
                if (item == null) {
                    throw new IOException("its end is missing");
                }
                if (!taker.test(value(in, item))) {
                    return;
                }
            }
        }
    }

    private static @Nullable Object value(JsonParser in, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> object = new LinkedHashMap<>();
                while (in.nextToken() == JsonToken.FIELD_NAME) {
                    String name = in.currentName();
                    object.put(name, value(in, in.nextToken()));
                }
                yield object;
            }
            case START_ARRAY -> {
                List<@Nullable Object> array = new ArrayList<>();
                for (JsonToken item = in.nextToken(); item != JsonToken.END_ARRAY; item = in.nextToken()) {
                    array.add(value(in, item));
                }
                yield array;
            }
            case VALUE_STRING -> in.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumberText(in.getText());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new IOException("unexpected " + token);
        };
    }
}
