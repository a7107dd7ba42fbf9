package dev.vmext.protocol.link;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The server wants what a log has had since the last time: payload of {@code vmext.logs/v2 read}. Whoever follows asks again and again,
 * so that an agent remembers nothing of it and stops at once when nobody asks.
 *
 * @param id comes back in the answer
 * @param installation whose handler's logs, empty for the agent's own
 * @param cursor of the last answer, empty for the end of the logs as they are now
 * @param max bytes wanted at most
 */
public record LogRead(String id, String installation, String cursor, int max) {
    public static final int MOST = 256 * 1024;
    public static final int MAX_CURSOR = 16 * 1024;
    private static final int MAX_BYTES = 64 * 1024;

    public LogRead {
        Objects.requireNonNull(id);
        Objects.requireNonNull(installation);
        if (cursor.length() > MAX_CURSOR || max < 1 || max > MOST) {
            throw new IllegalArgumentException("a log is read in pieces of at most " + MOST + " bytes, not " + max);
        }
    }

    public byte[] encode() {
        return new JsonWriter()
                .text("id", id)
                .text("installation", installation)
                .text("cursor", cursor)
                .number("max", max)
                .toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static LogRead decode(byte[] json) {
        JsonReader in = new JsonReader("the request for a log", json, MAX_BYTES);
        @Nullable String id = null;
        String installation = "";
        String cursor = "";
        int max = 0;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string(64);
                case "installation" -> installation = in.string(64);
                case "cursor" -> cursor = in.string(MAX_CURSOR);
                case "max" -> max = in.smallInteger();
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        if (max < 1) {
            throw in.missing("max");
        }
        return new LogRead(id, installation, cursor, Math.min(max, MOST));
    }
}
