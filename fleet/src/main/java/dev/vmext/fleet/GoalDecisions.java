package dev.vmext.fleet;

import dev.vmext.fleet.Machine.GoalPosition;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Decides what it means that a goal was offered, acknowledged, or reported about. Pure. */
final class GoalDecisions {
    /** Generations count changes of one machine; more than this is no count but a broken or lying agent. */
    private static final long MAX_GENERATION = 1L << 52;

    private GoalDecisions() {}

    static Machine offered(Machine machine) {
        GoalPosition goal = machine.goal();
        return goal.offered() >= goal.generation()
                ? machine
                : machine.with(new GoalPosition(
                        goal.generation(), goal.digest(), goal.generation(), goal.applied(), goal.appliedAt()));
    }

    /** The acknowledgement changes what people see of every installation whose task it acknowledges. */
    static List<FleetChange> acknowledged(FleetView view, Machine machine, long generation, Instant now) {
        GoalPosition goal = machine.goal();
        if (generation > goal.generation()) {
            return ahead(machine, generation);
        }
        if (generation <= goal.applied()) {
            return List.of();
        }
        List<FleetChange> changes = new ArrayList<>();
        long offered = Math.max(goal.offered(), generation);
        changes.add(new FleetChange.MachinePut(
                machine.with(new GoalPosition(goal.generation(), goal.digest(), offered, generation, now))));
        for (Installation installation : view.installations(machine.id())) {
            long changed = installation.placement().changed();
            long ordered = installation.placement().ordered();
            boolean task = changed > goal.applied() && changed <= generation;
            if (task || (ordered > goal.applied() && ordered <= generation)) {
                changes.add(new FleetChange.InstallationTouched(
                        installation.project(), installation.machine(), installation.name()));
            }
        }
        return changes;
    }

    /** The store was put back to an older backup: the goal moves past what the agent has seen, or it would ignore it for ever. */
    private static List<FleetChange> ahead(Machine machine, long generation) {
        if (generation > MAX_GENERATION) {
            return List.of();
        }
        GoalPosition goal = machine.goal();
        return List.of(new FleetChange.MachinePut(machine.with(
                new GoalPosition(generation + 1, goal.digest(), goal.offered(), goal.applied(), goal.appliedAt()))));
    }

    /** A batch of statuses; the order within the batch counts. */
    static List<FleetChange> reported(
            FleetView view, List<MachineStatus> statuses, GoalCompiler compiler, Instant now) {
        Releases releases = new Releases(view);
        Map<String, Optional<MachineDraft>> drafts = new LinkedHashMap<>();
        Set<MachineDraft> shrunk = new LinkedHashSet<>();
        for (MachineStatus reported : statuses) {
            Optional<MachineDraft> draft = drafts.computeIfAbsent(
                    reported.machineId(),
                    id -> view.findMachine(id).map(machine -> new MachineDraft(view, releases, machine)));
            if (draft.isPresent() && report(draft.get(), reported.status(), now)) {
                shrunk.add(draft.get());
            }
        }
        shrunk.forEach(draft -> draft.compile(compiler, now));
        List<FleetChange> changes = new ArrayList<>();
        drafts.forEach((id, draft) -> draft.ifPresent(changed -> changes.addAll(changed.changes())));
        return changes;
    }

    /** Whether an installation left the machine. */
    private static boolean report(MachineDraft draft, InstallationStatus status, Instant now) {
        Optional<Installation> known = draft.find(status.name());
        if (known.isEmpty()) {
            unmanaged(draft, status, now);
            return false;
        }
        if (stale(known.get(), status)) {
            return false;
        }
        Installation installation = known.get();
        if (status.state() == InstallationState.REMOVED
                && installation.want().presence() == Presence.ABSENT
                && status.generation() >= installation.placement().changed()) {
            draft.remove(status.name());
            draft.removed(ofVersion(status, installation.want().version()), Removal.How.UNINSTALLED, now);
            return true;
        }
        draft.put(installation.with(status, now));
        return false;
    }

    /** What is gone runs no version any more; people want to know which one went. */
    private static InstallationStatus ofVersion(InstallationStatus gone, String version) {
        return gone.version() != null
                ? gone
                : new InstallationStatus(
                        gone.name(),
                        gone.extension(),
                        version,
                        gone.state(),
                        gone.generation(),
                        gone.sequence(),
                        gone.healthy(),
                        gone.cause(),
                        gone.status(),
                        gone.output(),
                        gone.exitCode(),
                        gone.attempt(),
                        gone.since(),
                        gone.at(),
                        gone.detail());
    }

    /** The machine has something that nobody wants here. */
    private static void unmanaged(MachineDraft draft, InstallationStatus status, Instant now) {
        Optional<Unmanaged> before = draft.findUnmanaged(status.name());
        if (status.state() == InstallationState.REMOVED) {
            before.ifPresent(gone -> {
                draft.removeUnmanaged(gone.name());
                draft.removed(status, Removal.How.UNINSTALLED, now);
            });
            return;
        }
        boolean news = before.isEmpty()
                || !before.get().reported()
                || !before.get().status().equals(status);
        if (news && (before.isPresent() || draft.unmanaged().size() < Unmanaged.MOST)) {
            draft.put(status, true, now);
        }
    }

    /**
     * From before what is known. Times do not decide: a guest's clock may be set back. A status about another extension is from an
     * installation that had this name before.
     */
    private static boolean stale(Installation installation, InstallationStatus status) {
        if (!status.extension().equals(installation.want().extension())
                || status.generation() < installation.placement().entered()) {
            return true;
        }
        InstallationStatus observed = installation.observed();
        return observed != null
                && (status.generation() < observed.generation()
                        || (status.generation() == observed.generation() && status.sequence() < observed.sequence())
                        || Objects.equals(status, observed));
    }
}
