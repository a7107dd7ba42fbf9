package dev.vmext.fleet;

import dev.vmext.protocol.api.InstallationWrite;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What the parts of the fleet share: its ports, and the ways in which they all change a machine. Holds no state, any thread. */
record FleetParts(
        FleetStore store,
        InstantSource clock,
        IdSource ids,
        Secrets secrets,
        Sealer sealer,
        Views views,
        GoalCompiler compiler,
        InstallationDecisions installations) {

    /** Milliseconds are what people read and every database keeps. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    static String subject(Machine machine) {
        return machine.project() + "/" + machine.name();
    }

    MachineDraft declare(
            FleetView view,
            String project,
            MachineDecisions.Plan plan,
            @Nullable Map<String, InstallationWrite> writes,
            Instant now) {
        Machine machine = MachineDecisions.declare(view, project, ids.newId(), plan, now);
        MachineDraft draft = new MachineDraft(view, new Releases(view), machine);
        installations.putAll(draft, writes == null ? Map.of() : writes, now);
        draft.compile(compiler, now);
        return draft;
    }

    /** Changes only the machine itself; a machine that is gone needs no change. */
    void change(String machineId, UnaryOperator<Machine> decide) {
        store.transact(Actor.machine(machineId), view -> {
            Optional<Machine> before = view.findMachine(machineId);
            Optional<Machine> after = before.map(decide);
            return after.isEmpty() || after.equals(before)
                    ? Decision.nothing(false)
                    : Decision.silent(List.of(new FleetChange.MachinePut(after.get())), true);
        });
    }

    /** Changes the machine and what its goal is made of. Agents say the same at every connection: looks before taking the one writer. */
    void recompile(String machineId, UnaryOperator<Machine> decide) {
        Machine seen = store.read(view -> Problems.getMachine(view, machineId));
        if (decide.apply(seen).equals(seen)) {
            return;
        }
        store.transact(Actor.machine(machineId), view -> {
            Machine before = Problems.getMachine(view, machineId);
            Machine after = decide.apply(before);
            if (after.equals(before)) {
                return Decision.nothing(false);
            }
            MachineDraft draft = new MachineDraft(view, new Releases(view), before);
            draft.put(after);
            draft.compile(compiler, now());
            return Decision.silent(draft.changes(), true);
        });
    }
}
