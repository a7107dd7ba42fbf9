package dev.vmext.protocol.link;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a log has had since a cursor, whole lines, secrets redacted: payload of {@code vmext.logs/v2 piece}.
 *
 * @param id of the {@link LogRead}
 * @param cursor for the next read; means something to the agent alone
 * @param skipped whether there was more before this that is not sent
 * @param more whether there is more already
 * @param problem why there is nothing, empty when all is well
 */
public record LogPiece(String id, String text, String cursor, boolean skipped, boolean more, String problem) {
    /** JSON escapes can make a text several times as long. */
    private static final int MAX_BYTES = 2 << 20;

    public LogPiece {
        Objects.requireNonNull(id);
        Objects.requireNonNull(text);
        Objects.requireNonNull(cursor);
        Objects.requireNonNull(problem);
    }

    public byte[] encode() {
        return new JsonWriter()
                .text("id", id)
                .text("text", text)
                .text("cursor", cursor)
                .bool("skipped", skipped)
                .bool("more", more)
                .text("problem", problem)
                .toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static LogPiece decode(byte[] json) {
        JsonReader in = new JsonReader("a piece of a log", json, MAX_BYTES);
        @Nullable String id = null;
        String text = "";
        String cursor = "";
        boolean skipped = false;
        boolean more = false;
        String problem = "";
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string(64);
                case "text" -> text = in.string();
                case "cursor" -> cursor = in.string(LogRead.MAX_CURSOR);
                case "skipped" -> skipped = in.bool();
                case "more" -> more = in.bool();
                case "problem" -> problem = in.string(1024);
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        return new LogPiece(id, text, cursor, skipped, more, problem);
    }
}
