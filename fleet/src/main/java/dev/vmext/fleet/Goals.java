package dev.vmext.fleet;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.Presence;
import java.util.List;
import java.util.Optional;

/** Hands out goals and takes what agents say about them. Behind {@link Fleet}; as thread-safe as the store. */
final class Goals {
    private final FleetParts parts;

    Goals(FleetParts parts) {
        this.parts = parts;
    }

    GoalState offerGoal(String machineId) {
        // At every connection, and mostly it was offered before: look before taking the one writer.
        Optional<GoalState> offered = parts.store().read(view -> {
            Machine machine = getMachine(view, machineId);
            List<Installation> installations = view.installations(machine.id());
            boolean current =
                    GoalDecisions.offered(machine).equals(machine) && !Expiry.due(machine, installations, parts.now());
            return current
                    ? Optional.of(GoalCompiler.render(machine, installations, new Releases(view)))
                    : Optional.empty();
        });
        return offered.orElseGet(() -> parts.store().transact(Actor.machine(machineId), view -> {
            MachineDraft draft = new MachineDraft(view, new Releases(view), getMachine(view, machineId));
            if (Expiry.due(draft.machine(), draft.installations(), parts.now())) {
                draft.compile(parts.compiler(), parts.now());
            }
            draft.put(GoalDecisions.offered(draft.machine()));
            GoalState goal = GoalCompiler.render(draft.machine(), draft.installations(), draft.releases());
            return Decision.silent(draft.changes(), goal);
        }));
    }

    private static Machine getMachine(FleetView view, String machineId) {
        Machine machine = Problems.getMachine(view, machineId);
        Problems.refuseDeleting("offer a goal to", machine);
        return machine;
    }

    GoalState goal(String machineId) {
        return parts.store()
                .read(view -> GoalCompiler.render(
                        Problems.getMachine(view, machineId), view.installations(machineId), new Releases(view)));
    }

    long goalGeneration(String machineId) {
        return parts.store()
                .read(view -> Problems.getMachine(view, machineId).goal().generation());
    }

    void goalAcknowledged(String machineId, long generation) {
        parts.store()
                .transact(
                        Actor.machine(machineId),
                        view -> Decision.silent(
                                view.findMachine(machineId)
                                        .map(machine ->
                                                GoalDecisions.acknowledged(view, machine, generation, parts.now()))
                                        .orElse(List.of()),
                                true));
    }

    void reportStatuses(List<MachineStatus> statuses) {
        List<MachineStatus> batch = List.copyOf(statuses);
        parts.store()
                .transact(
                        Actor.SYSTEM,
                        view -> Decision.silent(
                                GoalDecisions.reported(view, batch, parts.compiler(), parts.now()), true));
    }

    boolean packageAllowed(String machineId, Digest digest) {
        return parts.store().read(view -> {
            Releases releases = new Releases(view);
            return view.installations(machineId).stream()
                    .map(installation -> installation.placement().line())
                    .anyMatch(line -> line != null
                            && line.presence() == Presence.PRESENT
                            && line.packageDigest().equals(digest)
                            && releases.get(line.extension(), digest).state().offered());
        });
    }
}
