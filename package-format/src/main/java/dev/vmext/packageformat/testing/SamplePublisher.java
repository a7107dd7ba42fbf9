package dev.vmext.packageformat.testing;

import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.signing.PackageSignature;
import dev.vmext.packageformat.signing.PackageSigner;
import dev.vmext.packageformat.signing.SigningKey;
import dev.vmext.packageformat.trust.PublisherKey;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.packageformat.trust.TrustPolicy;
import java.nio.file.Path;
import java.security.SecureRandom;

/** Somebody with a name space and a fresh key, who signs sample packages and whom a machine may trust. Any thread. */
public final class SamplePublisher {
    private final String namespace;
    private final SigningKey key;
    private final PackageSigner signer = new PackageSigner(ArchiveLimits.standard());

    public SamplePublisher(String namespace) {
        this.namespace = namespace;
        this.key = SigningKey.generate(new SecureRandom());
    }

    public SigningKey key() {
        return key;
    }

    public PublisherKey publicKey() {
        return key.publicKey();
    }

    /** A trust policy that names this publisher and nobody else. */
    public TrustPolicy trusted(TrustMode mode) {
        return TrustPolicy.of(mode, namespace, key.publicKey());
    }

    public PackageSignature sign(Path zip) {
        return signer.sign(zip, key);
    }

    public PackageSignature sign(Path zip, String name, String version) {
        return signer.sign(zip, PackageIdentity.of(name, version), key);
    }
}
