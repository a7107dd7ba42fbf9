package dev.vmext.fleet;

import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.Platform;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Decides what is in the catalog. Pure. */
final class CatalogDecisions {
    private static final Set<String> OPERATING_SYSTEMS = Set.of("linux", "windows");
    private static final Set<String> ARCHITECTURES =
            Set.of("amd64", "arm64", "armhf", "i386", "ppc64el", "riscv64", "s390x");

    private CatalogDecisions() {}

    /** Empty when it is there already, with this very content. */
    static Optional<Release> publish(FleetView view, Publication publication, Instant now) {
        Release fresh = Release.of(publication, VersionState.ACTIVE, now, 0);
        Optional<Release> published = view.releases(publication.name()).stream()
                .filter(release -> release.version().equals(fresh.version()))
                .findFirst();
        if (published.isEmpty()) {
            return Optional.of(fresh);
        }
        if (!published.get().publication().digest().equals(publication.digest())) {
            throw new ProblemException(
                    ProblemCode.VERSION_PUBLISHED,
                    "cannot publish " + publication.name() + " " + publication.version()
                            + ": that version was published with other content ("
                            + published.get().publication().digest() + ")",
                    "a version never changes its content: publish it under a higher version");
        }
        return Optional.empty();
    }

    static Release withState(FleetView view, String name, String version, VersionState state) {
        Releases releases = new Releases(view);
        if (releases.of(name).isEmpty()) {
            throw Problems.extensionNotFound("change", name);
        }
        String exact = VersionChoice.constraint(version).text();
        return releases.of(name).stream()
                .filter(release -> release.version().text().equals(exact))
                .findFirst()
                .map(release -> release.stored(state, release.revision()))
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.VERSION_NOT_FOUND,
                        "cannot change " + name + " " + exact + ": no such version is published",
                        "vmext extension show " + name + " lists its versions"));
    }

    /** By extension, newest version first. */
    static List<List<Release>> list(FleetView view, ExtensionFilter filter) {
        Map<String, List<Release>> byName = new LinkedHashMap<>();
        for (Release release : view.releases()) {
            byName.computeIfAbsent(release.extension(), name -> new ArrayList<>())
                    .add(release);
        }
        return byName.values().stream()
                .filter(releases -> matches(Views.speaker(releases).description(), filter))
                .toList();
    }

    private static boolean matches(PackageDescription description, ExtensionFilter filter) {
        List<String> providers = description.applicability().providers();
        List<Platform> platforms = description.applicability().platforms();
        return filter.category().map(Views.category(description)::equals).orElse(true)
                && filter.provider()
                        .map(provider -> providers.isEmpty() || providers.contains(provider))
                        .orElse(true)
                && filter.platform()
                        .map(text ->
                                platforms.isEmpty() || platforms.stream().anyMatch(platform -> runsOn(platform, text)))
                        .orElse(true);
    }

    /** Whether every word of the text can be said of the platform; a platform that leaves something open takes any word there. */
    private static boolean runsOn(Platform platform, String text) {
        for (String word : text.toLowerCase(Locale.ROOT).split("[\\s/,]+", -1)) {
            if (!word.isEmpty() && !covers(platform, word)) {
                return false;
            }
        }
        return true;
    }

    private static boolean covers(Platform platform, String word) {
        if (OPERATING_SYSTEMS.contains(word)) {
            return platform.os().equals(word);
        }
        if (ARCHITECTURES.contains(word)) {
            return platform.arch().isEmpty() || platform.arch().contains(word);
        }
        if (Character.isDigit(word.charAt(0))) {
            return platform.versions().isEmpty()
                    || platform.versions().stream()
                            .anyMatch(version -> word.equals(version) || word.startsWith(version + "."));
        }
        return platform.distro().map(word::equals).orElse(true);
    }
}
