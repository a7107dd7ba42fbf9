package dev.vmext.fleet;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.manifest.VersionConstraint;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Chooses the version an installation resolves to (azure-contract 1.13: the highest version of which the constraint is a prefix).
 *
 * <p>All installations of one extension on a machine run one version. A new installation joins the version that runs already when its
 * constraint allows it, so that adding one never updates another. Writing an existing installation chooses anew, and its siblings
 * follow; where their constraints leave no common version, that is a version-conflict.
 */
final class VersionChoice {
    private VersionChoice() {}

    static VersionConstraint constraint(String text) {
        try {
            return new VersionConstraint(text);
        } catch (PackageException e) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE, e.detail(), "write 1, 1.0 or a full version such as 1.0.7", e);
        }
    }

    /** The release for {@code constraint}, and for all siblings of the same extension. */
    static Release choose(
            String name,
            String extension,
            VersionConstraint constraint,
            Collection<Installation> siblings,
            boolean joins,
            Releases releases) {
        List<Release> published = releases.of(extension);
        if (published.isEmpty()) {
            throw Problems.extensionNotFound("install", extension);
        }
        List<Release> matching = published.stream()
                .filter(release -> constraint.matches(release.version()))
                .toList();
        if (matching.isEmpty()) {
            throw new ProblemException(
                    ProblemCode.VERSION_NOT_FOUND,
                    "cannot install " + extension + " " + constraint + ": no such version is published",
                    "published are " + versions(published));
        }
        List<Release> offered = matching.stream()
                .filter(release -> offered(release, constraint))
                .toList();
        if (offered.isEmpty()) {
            Release newest = matching.getFirst();
            throw new ProblemException(
                    ProblemCode.VERSION_WITHDRAWN,
                    "cannot install " + extension + " " + newest.version() + ": it is marked "
                            + newest.state().wire(),
                    "publish a repaired version, or ask for another one: " + versions(published));
        }
        Optional<Release> common =
                siblings.isEmpty() ? Optional.of(offered.getFirst()) : common(offered, siblings, joins, releases);
        return common.orElseThrow(() -> {
            String others = siblings.stream()
                    .map(sibling -> sibling.name() + " (" + sibling.want().constraint() + ")")
                    .collect(Collectors.joining(", "));
            return new ProblemException(
                    ProblemCode.VERSION_CONFLICT,
                    "cannot install " + extension + " " + constraint + " as " + name
                            + ": all installations of one extension on a machine run the same version, and " + others
                            + " allow no common one",
                    "ask for a version that fits all of them, or change the others first");
        });
    }

    private static Optional<Release> common(
            List<Release> offered, Collection<Installation> siblings, boolean joins, Releases releases) {
        if (joins) {
            for (Installation sibling : siblings) {
                Release running = releases.get(sibling);
                if (offered.contains(running)) {
                    return Optional.of(running);
                }
            }
        }
        return offered.stream()
                .filter(release -> siblings.stream()
                        .allMatch(sibling ->
                                new VersionConstraint(sibling.want().constraint()).matches(release.version())))
                .findFirst();
    }

    private static boolean offered(Release release, VersionConstraint constraint) {
        return switch (release.state()) {
            case ACTIVE -> true;
            case DEPRECATED -> constraint.text().equals(release.version().text());
            case INSECURE, WITHDRAWN -> false;
        };
    }

    private static String versions(List<Release> releases) {
        return releases.stream()
                .map(release -> release.version().text()
                        + (release.state() == VersionState.ACTIVE
                                ? ""
                                : " (" + release.state().wire() + ")"))
                .limit(10)
                .collect(Collectors.joining(", "));
    }
}
