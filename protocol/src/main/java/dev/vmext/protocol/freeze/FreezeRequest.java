package dev.vmext.protocol.freeze;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hold still: payload of {@code vmext.freeze/v1 hold}.
 *
 * @param id comes back in the answers
 * @param seconds after which the machine lets go by itself, from 1 to {@link #MOST_SECONDS}; counted from when it holds still
 */
public record FreezeRequest(String id, int seconds) {
    public static final int MOST_SECONDS = 60;
    private static final int MAX_BYTES = 1024;

    public FreezeRequest {
        Objects.requireNonNull(id);
        if (seconds < 1 || seconds > MOST_SECONDS) {
            throw new IllegalArgumentException("a machine cannot be held for " + seconds + " s");
        }
    }

    public byte[] encode() {
        return new JsonWriter().text("id", id).number("seconds", seconds).toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static FreezeRequest decode(byte[] json) {
        JsonReader in = new JsonReader("the request to hold still", json, MAX_BYTES);
        @Nullable String id = null;
        int seconds = 0;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string(64);
                case "seconds" -> {
                    seconds = in.smallInteger();
                    if (seconds < 1 || seconds > MOST_SECONDS) {
                        throw in.refused("it must be from 1 to " + MOST_SECONDS);
                    }
                }
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        if (seconds == 0) {
            throw in.missing("seconds");
        }
        return new FreezeRequest(id, seconds);
    }
}
