package dev.vmext.protocol.link;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.opamp.Bytes;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a diagnosis, redacted: payload of {@code vmext.diagnose/v1 part}. Pieces come in order; an agent that has several asked for
 * sends one after the other.
 *
 * @param id of the {@link DiagnosisRequest}
 * @param number from 0
 * @param last nothing follows
 * @param data at most {@link #MAX_DATA} bytes
 */
public record DiagnosisPart(String id, int number, boolean last, Bytes data) {
    /** Of {@link #data}, so that nothing else waits long behind it. */
    public static final int MAX_DATA = 24 * 1024;

    private static final int MAX_BYTES = 64 * 1024;

    public DiagnosisPart {
        Objects.requireNonNull(id);
        Objects.requireNonNull(data);
        if (number < 0 || data.size() > MAX_DATA) {
            throw new IllegalArgumentException("no part " + number + " of " + data.size() + " bytes");
        }
    }

    public byte[] encode() {
        return new JsonWriter()
                .text("id", id)
                .number("part", number)
                .bool("last", last)
                .text("data", Base64.getEncoder().encodeToString(data.toArray()))
                .toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static DiagnosisPart decode(byte[] json) {
        JsonReader in = new JsonReader("the part of a diagnosis", json, MAX_BYTES);
        @Nullable String id = null;
        int number = -1;
        boolean last = false;
        byte @Nullable [] data = null;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string();
                case "part" -> {
                    number = in.smallInteger();
                    if (number < 0) {
                        throw in.refused("it must not be negative");
                    }
                }
                case "last" -> last = in.bool();
                case "data" -> {
                    try {
                        data = Base64.getDecoder().decode(in.string());
                    } catch (IllegalArgumentException noBase64) {
                        throw in.refused("it is no base64");
                    }
                    if (data.length > MAX_DATA) {
                        throw in.refused("it is larger than " + MAX_DATA + " bytes");
                    }
                }
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        if (number < 0) {
            throw in.missing("part");
        }
        if (data == null) {
            throw in.missing("data");
        }
        return new DiagnosisPart(id, number, last, Bytes.of(data));
    }
}
