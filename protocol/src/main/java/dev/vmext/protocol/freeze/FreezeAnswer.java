package dev.vmext.protocol.freeze;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of it: payload of {@code vmext.freeze/v1 held} and {@code released}.
 *
 * @param id of the {@link FreezeRequest}
 * @param good held: the machine holds still now; released: it did so all the time until it was told to let go
 * @param message what was frozen, or why it was not
 */
public record FreezeAnswer(String id, boolean good, String message) {
    /** Longer messages are cut. */
    public static final int MOST_MESSAGE = 1000;

    private static final int MAX_BYTES = 16 * 1024;

    public FreezeAnswer {
        Objects.requireNonNull(id);
        if (message.length() > MOST_MESSAGE) {
            message = message.substring(0, MOST_MESSAGE);
        }
    }

    public byte[] encode() {
        return new JsonWriter()
                .text("id", id)
                .bool("good", good)
                .text("message", message)
                .toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static FreezeAnswer decode(byte[] json) {
        JsonReader in = new JsonReader("the answer of a machine that is to hold still", json, MAX_BYTES);
        @Nullable String id = null;
        boolean good = false;
        String message = "";
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string(64);
                case "good" -> good = in.bool();
                case "message" -> message = in.string();
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        return new FreezeAnswer(id, good, message);
    }
}
