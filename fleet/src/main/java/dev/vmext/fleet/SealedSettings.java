package dev.vmext.fleet;

import java.util.Objects;

/**
 * Protected settings encrypted at rest under the control plane's master key.
 *
 * @param text only the {@link Sealer} that made it can open it; base64 or the like, one line
 * @param fingerprint a keyed hash of the plain text: equal for equal settings, and useless without the master key
 */
public record SealedSettings(String text, String fingerprint) {
    public SealedSettings {
        Objects.requireNonNull(text);
        Objects.requireNonNull(fingerprint);
    }

    @Override
    public String toString() {
        return "SealedSettings[hidden]";
    }
}
