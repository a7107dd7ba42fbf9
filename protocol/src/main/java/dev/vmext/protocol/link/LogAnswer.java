package dev.vmext.protocol.link;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The end of the agent's log, secrets redacted: payload of {@code vmext.logs/v1 text}.
 *
 * @param id of the {@link LogRequest}
 * @param truncated true when the log has more before this
 */
public record LogAnswer(String id, String text, boolean truncated) {
    /** More than any tail that is asked for; JSON escapes can make a text several times as long. */
    private static final int MAX_BYTES = 3 << 20;

    public LogAnswer {
        Objects.requireNonNull(id);
        Objects.requireNonNull(text);
    }

    public byte[] encode() {
        return new JsonWriter()
                .text("id", id)
                .text("text", text)
                .bool("truncated", truncated)
                .toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static LogAnswer decode(byte[] json) {
        JsonReader in = new JsonReader("the text of a log", json, MAX_BYTES);
        @Nullable String id = null;
        @Nullable String text = null;
        boolean truncated = false;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string();
                case "text" -> text = in.string();
                case "truncated" -> truncated = in.bool();
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        if (text == null) {
            throw in.missing("text");
        }
        return new LogAnswer(id, text, truncated);
    }
}
