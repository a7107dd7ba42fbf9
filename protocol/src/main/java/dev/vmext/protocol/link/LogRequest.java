package dev.vmext.protocol.link;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The server wants the end of the agent's log: payload of {@code vmext.logs/v1 request}.
 *
 * @param id comes back in the answer
 * @param tail bytes wanted, from the end; an agent may send fewer
 */
public record LogRequest(String id, int tail) {
    private static final int MAX_BYTES = 4 * 1024;

    public LogRequest {
        Objects.requireNonNull(id);
        if (tail < 0) {
            throw new IllegalArgumentException("a tail has no negative length: " + tail);
        }
    }

    public byte[] encode() {
        return new JsonWriter().text("id", id).number("tail", tail).toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static LogRequest decode(byte[] json) {
        JsonReader in = new JsonReader("the request for a log", json, MAX_BYTES);
        @Nullable String id = null;
        int tail = -1;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string();
                case "tail" -> {
                    tail = in.smallInteger();
                    if (tail < 0) {
                        throw in.refused("it must not be negative");
                    }
                }
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        if (tail < 0) {
            throw in.missing("tail");
        }
        return new LogRequest(id, tail);
    }
}
