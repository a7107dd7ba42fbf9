package dev.vmext.fleet;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A one-time enrolment token, as its hash.
 *
 * @param keyDigest the key it is bound to, null before the first certificate request
 * @param usedAt when a certificate of that key was used, null before
 */
public record EnrolmentToken(
        String hash,
        String machineId,
        Instant expiresAt,
        @Nullable String keyDigest,
        @Nullable Instant usedAt) {
    public EnrolmentToken {
        Objects.requireNonNull(hash);
        Objects.requireNonNull(machineId);
        Objects.requireNonNull(expiresAt);
    }
}
