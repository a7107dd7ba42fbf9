package dev.vmext.protocol.link;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The server has stored a status report for good: payload of {@code vmext.status/v1 ack}. It comes with the reply to the report, or
 * later. An agent sends the latest report of an installation again, after a reconnect too, until it was acknowledged.
 *
 * @param name the installation's name
 * @param at the report's own time: an older one does not acknowledge a newer report
 */
public record StatusAck(String name, Instant at) {
    private static final int MAX_BYTES = 4 * 1024;

    public StatusAck {
        Objects.requireNonNull(name);
        Objects.requireNonNull(at);
    }

    public static StatusAck of(InstallationStatus status) {
        return new StatusAck(status.name(), status.at());
    }

    public byte[] encode() {
        return new JsonWriter().text("name", name).text("at", at.toString()).toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static StatusAck decode(byte[] json) {
        JsonReader in = new JsonReader("the acknowledgement of a status", json, MAX_BYTES);
        @Nullable String name = null;
        @Nullable Instant at = null;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "name" -> name = in.string();
                case "at" -> at = in.instant();
                default -> in.skip();
            }
        }
        in.end();
        if (name == null) {
            throw in.missing("name");
        }
        if (at == null) {
            throw in.missing("at");
        }
        return new StatusAck(name, at);
    }
}
