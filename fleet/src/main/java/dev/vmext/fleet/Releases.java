package dev.vmext.fleet;

import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.protocol.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The catalog as one decision sees it: each extension is read once. Lives for one decision, on its thread. */
final class Releases {
    private final FleetView view;
    private final Map<String, List<Release>> byExtension = new HashMap<>();

    Releases(FleetView view) {
        this.view = view;
    }

    /** The catalog as it will be with this release in another state. */
    Releases with(Release changed) {
        byExtension.put(
                changed.extension(),
                of(changed.extension()).stream()
                        .map(release -> release.version().equals(changed.version()) ? changed : release)
                        .toList());
        return this;
    }

    /** Newest first. */
    List<Release> of(String extension) {
        return byExtension.computeIfAbsent(extension, view::releases);
    }

    Optional<Release> find(String extension, String version) {
        ExtensionVersion wanted = new ExtensionVersion(version);
        return of(extension).stream()
                .filter(release -> release.version().equals(wanted))
                .findFirst();
    }

    /** What an installation resolved to. The catalog forgets no version, so it is there. */
    Release get(Installation installation) {
        return get(installation.want().extension(), installation.want().digest());
    }

    Release get(String extension, Digest digest) {
        return of(extension).stream()
                .filter(release -> release.publication().digest().equals(digest))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "the catalog lost " + digest + " of " + extension + ", which an installation has"));
    }
}
