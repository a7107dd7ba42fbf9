package dev.vmext.protocol.freeze;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Let go: payload of {@code vmext.freeze/v1 release}, with the id of the {@link FreezeRequest}. */
public record FreezeMark(String id) {
    private static final int MAX_BYTES = 1024;

    public FreezeMark {
        Objects.requireNonNull(id);
    }

    public byte[] encode() {
        return new JsonWriter().text("id", id).toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static FreezeMark decode(byte[] json) {
        JsonReader in = new JsonReader("the word to let go", json, MAX_BYTES);
        @Nullable String id = null;
        in.document();
        while (in.nextField()) {
            if (in.name().equals("id")) {
                id = in.string(64);
            } else {
                in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        return new FreezeMark(id);
    }
}
