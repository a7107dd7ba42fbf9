package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.protocol.api.Forgotten;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.RemovedView;
import dev.vmext.protocol.api.UnmanagedView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Carries out what is asked of machines: declares, shows, deletes them, and takes what their providers say. Behind {@link Fleet}; as thread-safe as the store. */
final class Machines {
    private final FleetParts parts;

    Machines(FleetParts parts) {
        this.parts = parts;
    }

    MachineView createMachine(Actor actor, String project, MachineCreate request) {
        String provider = request.provider() == null ? Platforms.QEMU : request.provider();
        MachineDecisions.Plan plan = new MachineDecisions.Plan(
                request.name(),
                provider,
                !provider.equals(Platforms.SELF_ENROLLED),
                new Hardware(request.cpus(), request.memoryMiB(), request.diskGiB()),
                request.labels(),
                request.trust());
        return parts.store().transact(actor, view -> {
            Instant now = parts.now();
            MachineDraft draft = parts.declare(view, project, plan, request.installations(), now);
            return Decision.noted(
                    draft.changes(),
                    parts.views().machine(draft.machine(), draft.installations(), List.of()),
                    new Note(now, "machine.create", FleetParts.subject(draft.machine()), "from " + provider));
        });
    }

    List<MachineView> listMachines(String project) {
        return parts.store().read(view -> {
            Problems.getProject(view, project);
            Map<String, List<Installation>> byMachine =
                    view.projectInstallations(project).stream().collect(Collectors.groupingBy(Installation::machineId));
            Map<String, List<Unmanaged>> unmanaged =
                    view.projectUnmanaged(project).stream().collect(Collectors.groupingBy(Unmanaged::machineId));
            return view.machines(project).stream()
                    .map(machine -> parts.views()
                            .machine(
                                    machine,
                                    byMachine.getOrDefault(machine.id(), List.of()),
                                    unmanaged.getOrDefault(machine.id(), List.of())))
                    .toList();
        });
    }

    MachineView getMachine(String project, String name) {
        return parts.store().read(view -> {
            Machine machine = Problems.getMachine(view, project, name);
            return parts.views().machine(machine, view.installations(machine.id()), view.unmanaged(machine.id()));
        });
    }

    MachineRecord machineRecord(String project, String name) {
        return parts.store()
                .read(view -> Problems.getMachine(view, project, name).asRecord());
    }

    Optional<MachineRecord> findMachineRecord(String machineId) {
        return parts.store().read(view -> view.findMachine(machineId).map(Machine::asRecord));
    }

    List<MachineRecord> machineRecords() {
        return parts.store()
                .read(view -> view.machines().stream().map(Machine::asRecord).toList());
    }

    MachineRecord deleteMachine(Actor actor, String project, String name) {
        return parts.store().transact(actor, view -> {
            Machine machine = Problems.getMachine(view, project, name);
            List<FleetChange> changes = MachineDecisions.delete(view, machine);
            MachineRecord answer = MachineDecisions.deleting(machine).asRecord();
            return changes.isEmpty()
                    ? Decision.nothing(answer)
                    : Decision.noted(
                            changes, answer, new Note(parts.now(), "machine.delete", FleetParts.subject(machine), ""));
        });
    }

    Forgotten forgetMachine(Actor actor, String project, String name) {
        return parts.store().transact(actor, view -> {
            Machine machine = Problems.getMachine(view, project, name);
            MachineDraft draft = new MachineDraft(view, new Releases(view), machine);
            Instant now = parts.now();
            draft.installations().forEach(installation -> Leftovers.forget(draft, installation.name(), now));
            List<UnmanagedView> remains =
                    draft.unmanaged().stream().map(Details::unmanaged).toList();
            boolean made = !machine.provider().equals(Platforms.SELF_ENROLLED);
            String message = "forgotten here, and its agent is not let in again"
                    + (made ? "; its virtual machine, if there is one, stays at provider " + machine.provider() : "")
                    + (remains.isEmpty()
                            ? ""
                            : "; what was installed goes on running there: vmext-agent force-remove takes it away");
            List<FleetChange> changes = new ArrayList<>(MachineDecisions.delete(view, machine));
            changes.addAll(MachineDecisions.gone(view, MachineDecisions.deleting(machine)));
            return Decision.noted(
                    changes,
                    new Forgotten(name, "", remains, message),
                    new Note(
                            now,
                            "machine.forget",
                            FleetParts.subject(machine),
                            remains.size() + " installations may still run there"));
        });
    }

    List<RemovedView> removals(String project, String name) {
        return parts.store()
                .read(view -> view
                        .removals(Problems.getMachine(view, project, name).id())
                        .stream()
                        .map(Details::removed)
                        .toList());
    }

    void machineDeleted(Actor actor, String machineId) {
        parts.store().transact(actor, view -> {
            Optional<Machine> machine = view.findMachine(machineId);
            if (machine.isEmpty()) {
                return Decision.nothing(false);
            }
            return Decision.noted(
                    MachineDecisions.gone(view, machine.get()),
                    true,
                    new Note(parts.now(), "machine.deleted", FleetParts.subject(machine.get()), ""));
        });
    }

    void provisioningProgress(String machineId, Provisioning progress) {
        parts.change(machineId, machine -> MachineDecisions.progressed(machine, progress));
    }

    void powerWanted(Actor actor, String machineId, boolean running) {
        parts.store().transact(actor, view -> {
            Machine machine = Problems.getMachine(view, machineId);
            return machine.condition().powerWanted() == running
                    ? Decision.nothing(false)
                    : Decision.noted(
                            List.of(new FleetChange.MachinePut(
                                    machine.with(machine.condition().wanted(running)))),
                            true,
                            new Note(
                                    parts.now(), "machine.power", FleetParts.subject(machine), running ? "on" : "off"));
        });
    }

    void powerObserved(String machineId, String power) {
        parts.change(machineId, machine -> machine.with(machine.condition().powered(power)));
    }

    void livenessChanged(Collection<String> machineIds) {
        parts.store()
                .transact(
                        Actor.SYSTEM,
                        view -> Decision.silent(
                                machineIds.stream()
                                        .flatMap(id -> view.findMachine(id).stream())
                                        .<FleetChange>map(machine ->
                                                new FleetChange.MachineTouched(machine.project(), machine.name()))
                                        .toList(),
                                true));
    }
}
