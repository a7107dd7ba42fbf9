package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.protocol.api.Forgotten;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.goal.Order;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Carries out what is asked of installations. Behind {@link Fleet}; as thread-safe as the store. */
final class Installations {
    private final FleetParts parts;

    Installations(FleetParts parts) {
        this.parts = parts;
    }

    InstallationView putInstallation(
            Actor actor, String project, String machine, String name, InstallationWrite request) {
        return parts.store().transact(actor, view -> {
            Instant now = parts.now();
            MachineDraft draft = draft(view, project, machine, "install on");
            parts.installations().putAll(draft, Map.of(name, request), now);
            draft.compile(parts.compiler(), now);
            Installation put = draft.get(name);
            InstallationView answer = parts.views().installation(draft.machine(), put, draft.releases());
            List<FleetChange> changes = draft.changes();
            return changes.isEmpty()
                    ? Decision.nothing(answer)
                    : Decision.noted(
                            changes,
                            answer,
                            new Note(
                                    now,
                                    "installation.put",
                                    FleetParts.subject(draft.machine()) + "/" + name,
                                    put.want().extension() + " " + put.want().version() + ", sequence "
                                            + put.want().sequence()));
        });
    }

    Optional<InstallationView> deleteInstallation(Actor actor, String project, String machine, String name) {
        return parts.store().transact(actor, view -> {
            Instant now = parts.now();
            MachineDraft draft = draft(view, project, machine, "uninstall from");
            parts.installations().delete(draft, name, now);
            draft.compile(parts.compiler(), now);
            Optional<InstallationView> answer =
                    draft.find(name).map(left -> parts.views().installation(draft.machine(), left, draft.releases()));
            List<FleetChange> changes = draft.changes();
            return changes.isEmpty()
                    ? Decision.nothing(answer)
                    : Decision.noted(
                            changes,
                            answer,
                            new Note(now, "installation.delete", FleetParts.subject(draft.machine()) + "/" + name, ""));
        });
    }

    InstallationView order(Actor actor, String project, String machine, String name, Order.Kind kind) {
        return parts.store().transact(actor, view -> {
            Instant now = parts.now();
            MachineDraft draft = draft(view, project, machine, "give an order to");
            parts.installations().order(draft, name, kind, now);
            draft.compile(parts.compiler(), now);
            Installation ordered = draft.get(name);
            return Decision.noted(
                    draft.changes(),
                    parts.views().installation(draft.machine(), ordered, draft.releases()),
                    new Note(
                            now,
                            "installation." + kind.wire(),
                            FleetParts.subject(draft.machine()) + "/" + name,
                            ordered.want().extension() + " " + ordered.want().version() + ", order "
                                    + ordered.want().conditions().orders()));
        });
    }

    Forgotten forget(Actor actor, String project, String machine, String name) {
        return parts.store().transact(actor, view -> {
            Instant now = parts.now();
            MachineDraft draft = draft(view, project, machine, "forget an installation of");
            boolean there = Leftovers.forget(draft, name, now);
            draft.compile(parts.compiler(), now);
            String message = there
                    ? "forgotten here; it may still run on machine " + machine
                            + ", where nobody manages it until it is installed or uninstalled under this name"
                    : "forgotten here; nothing of it is known to be on machine " + machine;
            Forgotten answer = new Forgotten(
                    machine,
                    name,
                    draft.findUnmanaged(name).map(Details::unmanaged).stream().toList(),
                    message);
            List<FleetChange> changes = draft.changes();
            return changes.isEmpty()
                    ? Decision.nothing(answer)
                    : Decision.noted(
                            changes,
                            answer,
                            new Note(
                                    now,
                                    "installation.forget",
                                    FleetParts.subject(draft.machine()) + "/" + name,
                                    there ? "may still run there" : "nothing of it is there"));
        });
    }

    private static MachineDraft draft(FleetView view, String project, String name, String verb) {
        Machine machine = Problems.getMachine(view, project, name);
        Problems.refuseDeleting(verb, machine);
        return new MachineDraft(view, new Releases(view), machine);
    }

    List<InstallationView> listInstallations(String project, String machine) {
        return parts.store().read(view -> {
            Machine found = Problems.getMachine(view, project, machine);
            Releases releases = new Releases(view);
            return view.installations(found.id()).stream()
                    .map(installation -> parts.views().installation(found, installation, releases))
                    .toList();
        });
    }

    List<InstallationView> listInstallations(String project) {
        return parts.store().read(view -> {
            Problems.getProject(view, project);
            Map<String, Machine> machines =
                    view.machines(project).stream().collect(Collectors.toMap(Machine::id, machine -> machine));
            Releases releases = new Releases(view);
            return view.projectInstallations(project).stream()
                    .map(installation -> parts.views()
                            .installation(
                                    Objects.requireNonNull(machines.get(installation.machineId())),
                                    installation,
                                    releases))
                    .toList();
        });
    }

    InstallationView getInstallation(String project, String machine, String name) {
        return parts.store().read(view -> {
            Machine found = Problems.getMachine(view, project, machine);
            return parts.views().installation(found, Problems.getInstallation(view, found, name), new Releases(view));
        });
    }
}
