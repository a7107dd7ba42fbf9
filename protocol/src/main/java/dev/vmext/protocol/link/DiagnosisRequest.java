package dev.vmext.protocol.link;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server wants an agent to examine itself: payload of {@code vmext.diagnose/v1 request}.
 *
 * @param id comes back in every part of the answer
 */
public record DiagnosisRequest(String id, Kind kind) {
    private static final int MAX_BYTES = 4 * 1024;

    /** What is wanted. The wire form is the lower-case name. */
    public enum Kind {
        /** The doctor's lines, as text. */
        DOCTOR,
        /** Everything for somebody else to look at, as a zip. */
        BUNDLE;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Kind> find(String wire) {
            for (Kind kind : values()) {
                if (kind.wire().equals(wire)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    public DiagnosisRequest {
        Objects.requireNonNull(id);
        Objects.requireNonNull(kind);
    }

    public byte[] encode() {
        return new JsonWriter().text("id", id).text("kind", kind.wire()).toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static DiagnosisRequest decode(byte[] json) {
        JsonReader in = new JsonReader("the request for a diagnosis", json, MAX_BYTES);
        @Nullable String id = null;
        @Nullable Kind kind = null;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string();
                case "kind" -> {
                    String word = in.string();
                    kind = Kind.find(word).orElseThrow(() -> in.refused("there is no diagnosis \"" + word + "\""));
                }
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        if (kind == null) {
            throw in.missing("kind");
        }
        return new DiagnosisRequest(id, kind);
    }
}
