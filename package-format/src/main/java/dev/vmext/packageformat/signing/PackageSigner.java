package dev.vmext.packageformat.signing;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageDigest;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.manifest.PackageIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** Signs packages. Refuses to state what a verifier would not believe. Stateless; any thread. */
public final class PackageSigner {
    private final PackageReader reader;

    public PackageSigner(ArchiveLimits limits) {
        this.reader = new PackageReader(limits);
    }

    /** Signs a package under the version its manifest has. */
    public PackageSignature sign(Path zip, SigningKey key) {
        return sign(zip, reader.describe(zip).identity(), key);
    }

    /** Signs a package under a version that adds a fourth number to that of its manifest, or repeats it. */
    public PackageSignature sign(Path zip, ExtensionVersion version, SigningKey key) {
        return sign(zip, new PackageIdentity(reader.describe(zip).identity().name(), version), key);
    }

    /** Signs a package, also one that does not say itself what it is. */
    public PackageSignature sign(Path zip, PackageIdentity identity, SigningKey key) {
        IdentityCheck.check(identity, reader.describe(zip, identity).identity());
        try {
            return sign(new PackageStatement(identity, PackageDigest.ofFile(zip), Files.size(zip)), key);
        } catch (IOException failed) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED, "cannot sign " + zip + ": " + failed.getMessage(), "", failed);
        }
    }

    static PackageSignature sign(PackageStatement statement, SigningKey key) {
        byte[] payload = statement.toBytes();
        byte[] signature = key.sign(PackageSignature.preAuthenticationEncoding(PackageSignature.PAYLOAD_TYPE, payload));
        Base64.Encoder base64 = Base64.getEncoder();
        return new PackageSignature(
                base64.encodeToString(payload),
                List.of(new DsseSignature(key.publicKey().id(), base64.encodeToString(signature))));
    }
}
