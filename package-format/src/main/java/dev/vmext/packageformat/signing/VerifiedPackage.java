package dev.vmext.packageformat.signing;

import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.PackageIdentity;
import java.nio.file.Path;

/** A package file that is what a trusted publisher signed. Only the verifier makes one. */
public record VerifiedPackage(Path file, VerifiedStatement signed, PackageDescription description) {
    /** Name and version as published; the version may have one number more than the manifest's. */
    public PackageIdentity identity() {
        return signed.statement().identity();
    }
}
