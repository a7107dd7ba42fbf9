package dev.vmext.protocol.status;

import java.util.Map;
import java.util.Objects;

/**
 * Why an installation is not healthy, or waits.
 *
 * @param kind what kind of thing went wrong
 * @param step during what: {@code verify}, {@code unpack}, {@code install}, {@code enable}, {@code probe} ...
 * @param message one sentence naming the thing and the reason
 * @param hint what to do, may be empty while waiting
 * @param evidence what was seen, by name: {@code path}, {@code pid}, {@code exitCode}, {@code host}, {@code errno} ...
 */
public record Cause(CauseClass kind, String step, String message, String hint, Map<String, String> evidence) {
    public Cause {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(step);
        Objects.requireNonNull(message);
        Objects.requireNonNull(hint);
        evidence = Map.copyOf(evidence);
    }
}
