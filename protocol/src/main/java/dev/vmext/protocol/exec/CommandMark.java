package dev.vmext.protocol.exec;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Names a command and says nothing else: payload of {@code vmext.exec/v1 accepted} and {@code cancel}. */
public record CommandMark(String id) {
    private static final int MAX_BYTES = 1024;

    public CommandMark {
        Objects.requireNonNull(id);
    }

    public byte[] encode() {
        return new JsonWriter().text("id", id).toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static CommandMark decode(byte[] json) {
        JsonReader in = new JsonReader("the name of a command", json, MAX_BYTES);
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
        return new CommandMark(id);
    }
}
