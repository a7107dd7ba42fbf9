package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.protocol.api.ExtensionView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Carries out what is asked of the catalog. Behind {@link Fleet}; as thread-safe as the store. */
final class Catalog {
    private final FleetParts parts;

    Catalog(FleetParts parts) {
        this.parts = parts;
    }

    ExtensionView publish(Actor actor, Publication publication) {
        return parts.store().transact(actor, view -> {
            Instant now = parts.now();
            Optional<Release> fresh = CatalogDecisions.publish(view, publication, now);
            List<Release> all = new ArrayList<>(view.releases(publication.name()));
            if (fresh.isEmpty()) {
                return Decision.nothing(Views.extension(all));
            }
            all.add(fresh.get());
            all.sort(Comparator.comparing(Release::version).reversed());
            return Decision.noted(
                    List.of(new FleetChange.ReleasePut(fresh.get())),
                    Views.extension(all),
                    new Note(
                            now,
                            "extension.publish",
                            publication.name() + " " + publication.version(),
                            publication.digest() + " signed by " + publication.keyId()));
        });
    }

    List<ExtensionView> listExtensions(ExtensionFilter filter) {
        return parts.store()
                .read(view -> CatalogDecisions.list(view, filter).stream()
                        .map(Views::extension)
                        .toList());
    }

    ExtensionView getExtension(String name) {
        return parts.store().read(view -> {
            List<Release> releases = view.releases(name);
            if (releases.isEmpty()) {
                throw Problems.extensionNotFound("find", name);
            }
            return Views.extension(releases);
        });
    }

    ExtensionView setVersionState(Actor actor, String name, String version, VersionState state) {
        return parts.store().transact(actor, view -> {
            Release changed = CatalogDecisions.withState(view, name, version, state);
            List<Release> all = view.releases(name).stream()
                    .map(release -> release.version().equals(changed.version()) ? changed : release)
                    .toList();
            return Decision.noted(
                    List.of(new FleetChange.ReleasePut(changed)),
                    Views.extension(all),
                    new Note(parts.now(), "extension.state", name + " " + version, state.wire()));
        });
    }
}
