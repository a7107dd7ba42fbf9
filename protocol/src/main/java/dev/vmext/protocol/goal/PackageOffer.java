package dev.vmext.protocol.goal;

import dev.vmext.protocol.Digest;
import java.util.Objects;

/**
 * Where a package is and who signed it.
 *
 * @param path on the gateway, {@code /v1/packages/sha256/<hex>}
 * @param size in bytes
 * @param signature DSSE envelope, JSON text
 */
public record PackageOffer(String extension, String version, Digest digest, long size, String path, String signature) {
    public PackageOffer {
        Objects.requireNonNull(extension);
        Objects.requireNonNull(version);
        Objects.requireNonNull(digest);
        Objects.requireNonNull(path);
        Objects.requireNonNull(signature);
    }
}
