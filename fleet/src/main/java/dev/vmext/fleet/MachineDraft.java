package dev.vmext.fleet;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One machine and its installations while a decision changes them. At the end it compiles the goal and lists what differs from what was
 * read. Lives inside one decision, on its thread.
 */
final class MachineDraft {
    private final Machine before;
    private final Map<String, Installation> installationsBefore = new TreeMap<>();
    private final Map<String, Installation> installations = new TreeMap<>();
    private final Releases releases;
    private Machine machine;

    MachineDraft(FleetView view, Releases releases, Machine machine) {
        this.before = machine;
        this.machine = machine;
        this.releases = releases;
        if (machine.revision() > 0) {
            view.installations(machine.id()).forEach(i -> installationsBefore.put(i.name(), i));
            installations.putAll(installationsBefore);
        }
    }

    Machine machine() {
        return machine;
    }

    void put(Machine changed) {
        machine = changed;
    }

    Collection<Installation> installations() {
        return List.copyOf(installations.values());
    }

    /** Those that are wanted. */
    List<Installation> present() {
        return installations.values().stream().filter(Installation::present).toList();
    }

    Optional<Installation> find(String name) {
        return Optional.ofNullable(installations.get(name));
    }

    void put(Installation changed) {
        installations.put(changed.name(), changed);
    }

    void remove(String name) {
        installations.remove(name);
    }

    Releases releases() {
        return releases;
    }

    void compile(GoalCompiler compiler, Instant now) {
        GoalCompiler.Compiled compiled = compiler.compile(machine, installations.values(), releases, now);
        machine = compiled.machine();
        installations.putAll(compiled.installations());
    }

    List<FleetChange> changes() {
        List<FleetChange> changes = new ArrayList<>();
        if (machine.revision() == 0 || !machine.equals(before)) {
            changes.add(new FleetChange.MachinePut(machine));
        }
        installations.forEach((name, installation) -> {
            if (!installation.equals(installationsBefore.get(name))) {
                changes.add(new FleetChange.InstallationPut(installation));
            }
        });
        installationsBefore.forEach((name, gone) -> {
            if (!installations.containsKey(name)) {
                changes.add(new FleetChange.InstallationGone(machine.id(), machine.project(), machine.name(), name));
                // The machine's counts changed with it.
                changes.add(new FleetChange.MachineTouched(machine.project(), machine.name()));
            }
        });
        return changes;
    }

    /** As the store will have it; for the answer. */
    Installation get(String name) {
        return Objects.requireNonNull(installations.get(name));
    }
}
