package dev.vmext.fleet;

import dev.vmext.protocol.Digest;
import java.util.Objects;
import java.util.Optional;

/**
 * A verified package on its way into the catalog. The manifests come as their texts, which are kept as they are, so that a newer
 * control plane reads more out of an old package.
 *
 * @param name {@code publisher.type}
 * @param version of the release, as signed
 * @param handlerManifest text of HandlerManifest.json
 * @param extensionManifest text of extension.json, empty when the package has none
 * @param signature DSSE envelope, JSON text
 * @param keyId of the key that signed
 */
public record Publication(
        String name,
        String version,
        String handlerManifest,
        Optional<String> extensionManifest,
        Digest digest,
        long size,
        String signature,
        String keyId) {
    public Publication {
        Objects.requireNonNull(name);
        Objects.requireNonNull(version);
        Objects.requireNonNull(handlerManifest);
        Objects.requireNonNull(extensionManifest);
        Objects.requireNonNull(digest);
        Objects.requireNonNull(signature);
        Objects.requireNonNull(keyId);
        if (size <= 0) {
            throw new IllegalArgumentException("a package has at least one byte, not " + size);
        }
    }
}
