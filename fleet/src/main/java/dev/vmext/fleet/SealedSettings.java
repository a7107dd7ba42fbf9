package dev.vmext.fleet;

import java.util.Arrays;
import java.util.Objects;

/**
 * Protected settings encrypted at rest under the control plane's master key.
 *
 * @param bytes only the {@link Sealer} that made them can open them
 * @param fingerprint a keyed hash of the plain text: equal for equal settings, and useless without the master key
 */
public record SealedSettings(byte[] bytes, String fingerprint) {
    public SealedSettings {
        bytes = bytes.clone();
        Objects.requireNonNull(fingerprint);
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SealedSettings sealed
                && Arrays.equals(bytes, sealed.bytes)
                && fingerprint.equals(sealed.fingerprint);
    }

    @Override
    public int hashCode() {
        return fingerprint.hashCode();
    }

    @Override
    public String toString() {
        return "SealedSettings[hidden]";
    }
}
