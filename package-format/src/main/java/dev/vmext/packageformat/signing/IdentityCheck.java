package dev.vmext.packageformat.signing;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.manifest.PackageIdentity;

/** Compares what a signature and the package's own manifest say the package is. */
final class IdentityCheck {
    private IdentityCheck() {}

    static void check(PackageIdentity signed, PackageIdentity manifest) {
        if (!signed.name().equals(manifest.name())) {
            throw new PackageException(
                    PackageProblem.IDENTITY_MISMATCH,
                    "cannot accept package " + signed + ": its manifest calls it " + manifest.name(),
                    "sign it under the name in its manifest");
        }
        if (!signed.version().isReleaseOf(manifest.version())) {
            throw new PackageException(
                    PackageProblem.IDENTITY_MISMATCH,
                    "cannot accept package " + signed + ": its manifest has version " + manifest.version(),
                    "sign it under that version, or that version with a fourth number");
        }
    }
}
