package dev.vmext.packageformat.signing;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageDigest;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.trust.PublisherKey;
import dev.vmext.packageformat.trust.TrustPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether a package is what a trusted publisher signed. The order matters: nothing inside the signature is parsed
 * before a trusted key has verified its bytes, and nothing inside the zip before size and digest were found equal. Stateless;
 * any thread.
 */
public final class PackageVerifier {
    private final PackageReader reader;

    public PackageVerifier(ArchiveLimits limits) {
        this.reader = new PackageReader(limits);
    }

    /** Signature, name space, size, digest, identity: all of it. */
    public VerifiedPackage verify(Path zip, PackageSignature signature, TrustPolicy trust) {
        VerifiedStatement verified = verifySignatureOnly(signature, trust);
        PackageStatement statement = verified.statement();
        checkBytes(zip, statement);
        PackageDescription description = reader.describe(zip, statement.identity());
        IdentityCheck.check(statement.identity(), description.identity());
        return new VerifiedPackage(zip, verified, description);
    }

    /** Signature and name space: enough to refuse before downloading, not enough to run anything. */
    public VerifiedStatement verifySignatureOnly(PackageSignature signature, TrustPolicy trust) {
        PublisherKey key = verifyingKey(signature, trust);
        PackageStatement statement = signature.unverifiedStatement();
        List<String> namespaces = trust.namespacesOf(key);
        String namespace = namespaces.stream()
                .filter(statement.identity().name()::isIn)
                .findFirst()
                .orElseThrow(() -> new PackageException(
                        PackageProblem.NAMESPACE_MISMATCH,
                        "cannot accept package " + statement.identity() + ": its key " + shortId(key.id())
                                + " is trusted for " + String.join(", ", namespaces) + " only",
                        "if this publisher may use the name, the machine's owner adds it to " + TrustPolicy.FILE_NAME));
        return new VerifiedStatement(statement, key, namespace);
    }

    private static PublisherKey verifyingKey(PackageSignature signature, TrustPolicy trust) {
        byte[] message = signature.preAuthenticationEncoding();
        Optional<PublisherKey> named = Optional.empty();
        for (DsseSignature one : signature.signatures()) {
            byte[] bytes = PackageSignature.decode("sig", one.base64());
            for (PublisherKey key : trust.keys()) {
                boolean isNamed = key.id().equals(one.keyId());
                if (isNamed || one.keyId().isEmpty()) {
                    if (key.verifies(message, bytes)) {
                        return key;
                    }
                    named = isNamed ? Optional.of(key) : named;
                }
            }
        }
        throw named.map(key -> new PackageException(
                        PackageProblem.BAD_SIGNATURE,
                        "cannot accept package: its signature was not made by the trusted key " + shortId(key.id())
                                + " that it names, or was changed afterwards",
                        "fetch the signature again from the publisher"))
                .orElseGet(() -> new PackageException(
                        PackageProblem.UNTRUSTED_PUBLISHER,
                        "cannot accept package: no key of " + TrustPolicy.FILE_NAME + " made its signature",
                        "if the publisher is to be trusted, the machine's owner adds its key to "
                                + TrustPolicy.FILE_NAME));
    }

    private static void checkBytes(Path zip, PackageStatement statement) {
        long size;
        try {
            size = Files.size(zip);
        } catch (IOException failed) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED, "cannot read " + zip + ": " + failed.getMessage(), "", failed);
        }
        if (size != statement.size()) {
            throw mismatch(statement, "it has " + size + " bytes, and " + statement.size() + " were signed");
        }
        PackageDigest digest = PackageDigest.ofFile(zip);
        if (!digest.equals(statement.digest())) {
            throw mismatch(statement, "its digest is " + digest + ", and " + statement.digest() + " was signed");
        }
    }

    private static PackageException mismatch(PackageStatement statement, String why) {
        return new PackageException(
                PackageProblem.DIGEST_MISMATCH,
                "cannot accept package " + statement.identity() + ": " + why,
                "the file is damaged or was changed; fetch it again");
    }

    private static String shortId(String id) {
        return id.substring(0, 12);
    }
}
