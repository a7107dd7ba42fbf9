package dev.vmext.protocol.status;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A version that was tried and did not stay, while another one runs or nothing does.
 *
 * @param version that was tried
 * @param cause why it did not stay
 * @param at when it was given up, by the machine's clock
 * @param heldUntil until when it is not tried again by itself, null when it is not held; an operator may release it earlier
 */
public record Attempted(
        String version, Cause cause, Instant at, @Nullable Instant heldUntil) {
    public Attempted {
        Objects.requireNonNull(version);
        Objects.requireNonNull(cause);
        Objects.requireNonNull(at);
    }
}
