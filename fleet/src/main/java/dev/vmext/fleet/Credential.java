package dev.vmext.fleet;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something a person or program signs in with, as its hash.
 *
 * @param expiresAt null for never
 */
public record Credential(
        Kind kind,
        String hash,
        Principal principal,
        Instant createdAt,
        @Nullable Instant expiresAt) {
    /** What it is good for; one kind is never accepted in place of another. */
    public enum Kind {
        API_TOKEN,
        SIGN_IN_CODE,
        SESSION
    }

    public Credential {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(hash);
        Objects.requireNonNull(principal);
        Objects.requireNonNull(createdAt);
    }

    boolean expired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }
}
