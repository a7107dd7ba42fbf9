package dev.vmext.fleet;

import java.time.Instant;
import java.util.Objects;

/**
 * A client certificate the gateway's CA gave to a machine.
 *
 * @param serial lower-case hex
 * @param keyDigest {@code sha256:<hex>} of the public key's SubjectPublicKeyInfo
 */
public record MachineCertificate(
        String serial, String machineId, String keyDigest, Instant notBefore, Instant notAfter, boolean revoked) {
    public MachineCertificate {
        Objects.requireNonNull(serial);
        Objects.requireNonNull(machineId);
        Objects.requireNonNull(keyDigest);
        Objects.requireNonNull(notBefore);
        Objects.requireNonNull(notAfter);
    }
}
