package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.goal.InstallationGoal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
            Releases releases = new Releases(view);
            if (releases.get(name, changed.publication().digest()).state() == state) {
                return Decision.nothing(Views.extension(releases.of(name)));
            }
            releases.with(changed);
            List<FleetChange> changes = new ArrayList<>();
            changes.add(new FleetChange.ReleasePut(changed));
            changes.addAll(recompiled(view, changed, releases));
            return Decision.noted(
                    changes,
                    Views.extension(releases.of(name)),
                    new Note(parts.now(), "extension.state", name + " " + version, state.wire()));
        });
    }

    /** The goals of all machines that want or have this version: whether it is offered may have changed. */
    private List<FleetChange> recompiled(FleetView view, Release changed, Releases releases) {
        Set<String> machines = view.installationsOf(changed.extension()).stream()
                .filter(installation -> uses(installation, changed))
                .map(Installation::machineId)
                .collect(Collectors.toCollection(TreeSet::new));
        List<FleetChange> changes = new ArrayList<>();
        for (String id : machines) {
            view.findMachine(id).filter(machine -> !machine.deleting()).ifPresent(machine -> {
                MachineDraft draft = new MachineDraft(view, releases, machine);
                draft.compile(parts.compiler(), parts.now());
                changes.addAll(draft.changes());
            });
        }
        // The version is shown with each installation.
        view.installationsOf(changed.extension()).stream()
                .filter(installation -> uses(installation, changed))
                .forEach(installation -> changes.add(new FleetChange.InstallationTouched(
                        installation.project(), installation.machine(), installation.name())));
        return changes;
    }

    private static boolean uses(Installation installation, Release release) {
        InstallationGoal line = installation.placement().line();
        return installation.want().digest().equals(release.publication().digest())
                || (line != null
                        && line.packageDigest().equals(release.publication().digest()));
    }
}
