package dev.vmext.packageformat.archive;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.json.JsonDocument;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.HandlerManifest;
import dev.vmext.packageformat.manifest.ImageManifest;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.PackageIdentity;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Describes packages without unpacking them. Stateless; any thread. */
public final class PackageReader {
    private final ArchiveLimits limits;

    public PackageReader(ArchiveLimits limits) {
        this.limits = limits;
    }

    /** Describes a package that says itself what it is. */
    public PackageDescription describe(Path zip) {
        return describe(zip, Optional.empty());
    }

    /** Describes a package; {@code otherwise} is its identity where neither extension.json nor manifest.xml has one. */
    public PackageDescription describe(Path zip, PackageIdentity otherwise) {
        return describe(zip, Optional.of(otherwise));
    }

    private PackageDescription describe(Path zip, Optional<PackageIdentity> otherwise) {
        try (ZipArchive archive = ZipArchive.open(zip, limits)) {
            String where = handlerManifestName(archive)
                    .orElseThrow(() -> new PackageException(
                            PackageProblem.MISSING_MANIFEST,
                            "cannot use " + zip.getFileName() + " as a package: it has no " + HandlerManifest.FILE_NAME,
                            "put " + HandlerManifest.FILE_NAME + " into the top folder of the package"));
            HandlerManifest handler = HandlerManifest.parse(archive.getBytes(where, JsonDocument.MAX_BYTES));
            Optional<ExtensionManifest> extension = archive.findBytes(
                            ExtensionManifest.FILE_NAME, JsonDocument.MAX_BYTES)
                    .map(ExtensionManifest::parse);
            Optional<PackageIdentity> image = archive.findBytes(ImageManifest.FILE_NAME, JsonDocument.MAX_BYTES)
                    .flatMap(ImageManifest::findIdentity);
            if (extension.isPresent() && image.isPresent()) {
                checkAgreement(extension.get().identity(), image.get());
            }
            PackageIdentity identity = extension
                    .map(ExtensionManifest::identity)
                    .or(() -> image)
                    .or(() -> otherwise)
                    .orElseThrow(() -> new PackageException(
                            PackageProblem.UNKNOWN_IDENTITY,
                            "cannot tell what " + zip.getFileName() + " is called: it has neither "
                                    + ExtensionManifest.FILE_NAME + " nor a complete " + ImageManifest.FILE_NAME,
                            "give name and version yourself, or add " + ExtensionManifest.FILE_NAME));
            return new PackageDescription(identity, handler, extension);
        }
    }

    /** Handlers read manifest.xml when they run; a package must not be one thing to them and another to us. */
    private static void checkAgreement(PackageIdentity extension, PackageIdentity image) {
        if (!extension.name().equals(image.name()) || !image.version().isReleaseOf(extension.version())) {
            throw new PackageException(
                    PackageProblem.IDENTITY_MISMATCH,
                    "cannot tell what the package is: " + ExtensionManifest.FILE_NAME + " says " + extension + ", "
                            + ImageManifest.FILE_NAME + " says " + image,
                    "write the same name and version into both");
        }
    }

    /** The content of one file of the package, if it is there and not larger than {@code maxBytes}. */
    public Optional<byte[]> findFile(Path zip, String name, int maxBytes) {
        try (ZipArchive archive = ZipArchive.open(zip, limits)) {
            return archive.findBytes(name, maxBytes);
        }
    }

    /** The names of all entries in the order of the zip; folders end with a slash. */
    public List<String> names(Path zip) {
        try (ZipArchive archive = ZipArchive.open(zip, limits)) {
            return archive.entries().stream().map(ZipEntryInfo::name).toList();
        }
    }

    /** The manifest in the top folder, else the one nearest to it, as the contract's agent finds it in the whole tree. */
    static Optional<String> handlerManifestName(ZipArchive archive) {
        return archive.entries().stream()
                .filter(entry -> !entry.directory())
                .map(ZipEntryInfo::name)
                .filter(name ->
                        name.equals(HandlerManifest.FILE_NAME) || name.endsWith("/" + HandlerManifest.FILE_NAME))
                .min(Comparator.comparingLong((String name) ->
                                name.chars().filter(c -> c == '/').count())
                        .thenComparing(Comparator.naturalOrder()));
    }
}
