package dev.vmext.agent.cause;

import dev.vmext.protocol.status.CauseClass;
import java.util.Map;
import java.util.Objects;

/**
 * Why something failed, before it is known what failed.
 *
 * @param text to be put after "cannot ...: ", without a full stop
 * @param evidence what was seen, by name
 * @param hint what to do
 */
public record Reason(CauseClass kind, String text, Map<String, String> evidence, String hint) {
    public Reason {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(text);
        Objects.requireNonNull(hint);
        evidence = Map.copyOf(evidence);
    }
}
