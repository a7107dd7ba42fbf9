package dev.vmext.protocol.goal;

import java.util.Objects;

/**
 * Protected settings on their way to one machine (azure-contract 1.7): only the holder of the machine's settings key can read them.
 *
 * @param thumbprint SHA-1 of the settings certificate's DER, upper-case hex
 * @param cms base64 of DER CMS EnvelopedData
 */
public record ProtectedSettings(String thumbprint, String cms) {
    public ProtectedSettings {
        Objects.requireNonNull(thumbprint);
        Objects.requireNonNull(cms);
    }
}
