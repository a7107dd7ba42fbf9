package dev.vmext.fleet;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.ExtensionName;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.manifest.HandlerManifest;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;

/**
 * A published version in the catalog.
 *
 * @param description read from the publication's manifests
 * @param revision of the row it was read from, 0 for one not stored yet
 */
public record Release(
        Publication publication,
        PackageDescription description,
        VersionState state,
        Instant publishedAt,
        long revision) {
    public Release {
        Objects.requireNonNull(publication);
        Objects.requireNonNull(description);
        Objects.requireNonNull(state);
        Objects.requireNonNull(publishedAt);
    }

    /** Reads the manifests, so keep the result. */
    public static Release of(Publication publication, VersionState state, Instant publishedAt, long revision) {
        return new Release(publication, describe(publication), state, publishedAt, revision);
    }

    private static PackageDescription describe(Publication publication) {
        try {
            return new PackageDescription(
                    PackageIdentity.of(publication.name(), publication.version()),
                    HandlerManifest.parse(publication.handlerManifest().getBytes(StandardCharsets.UTF_8)),
                    publication
                            .extensionManifest()
                            .map(text -> ExtensionManifest.parse(text.getBytes(StandardCharsets.UTF_8))));
        } catch (PackageException e) {
            throw new ProblemException(
                    ProblemCode.PACKAGE_INVALID,
                    "cannot publish " + publication.name() + " " + publication.version() + ": " + e.detail(),
                    e.hint().isEmpty() ? "repair the package and sign it again" : e.hint(),
                    e);
        }
    }

    public String extension() {
        return publication.name();
    }

    public ExtensionName name() {
        return description.identity().name();
    }

    public ExtensionVersion version() {
        return description.identity().version();
    }

    /** For stores: the row with another state or revision. */
    public Release stored(VersionState newState, long newRevision) {
        return new Release(publication, description, newState, publishedAt, newRevision);
    }
}
