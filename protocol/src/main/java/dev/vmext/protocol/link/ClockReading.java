package dev.vmext.protocol.link;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The server's time when it answered: payload of {@code vmext.clock/v1 now}. */
public record ClockReading(Instant now) {
    private static final int MAX_BYTES = 1024;

    public ClockReading {
        Objects.requireNonNull(now);
    }

    public byte[] encode() {
        return new JsonWriter().text("now", now.toString()).toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static ClockReading decode(byte[] json) {
        JsonReader in = new JsonReader("the server's time", json, MAX_BYTES);
        @Nullable Instant now = null;
        in.document();
        while (in.nextField()) {
            if (in.name().equals("now")) {
                now = in.instant();
            } else {
                in.skip();
            }
        }
        in.end();
        if (now == null) {
            throw in.missing("now");
        }
        return new ClockReading(now);
    }
}
