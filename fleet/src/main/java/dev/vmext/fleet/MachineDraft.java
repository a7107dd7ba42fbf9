package dev.vmext.fleet;

import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One machine and its installations while a decision changes them. At the end it compiles the goal and lists what differs from what was
 * read. Lives inside one decision, on its thread.
 */
final class MachineDraft {
    private final Machine before;
    private final Map<String, Installation> installationsBefore = new TreeMap<>();
    private final Map<String, Installation> installations = new TreeMap<>();
    private final Releases releases;
    private final FleetView view;
    private final List<Removal> removals = new ArrayList<>();
    private final Map<String, Repository> repositories = new TreeMap<>();
    /** Null until somebody asks: almost no machine has any. */
    private @Nullable Map<String, Unmanaged> unmanaged;

    private Map<String, Unmanaged> unmanagedBefore = Map.of();
    private Machine machine;

    MachineDraft(FleetView view, Releases releases, Machine machine) {
        this.before = machine;
        this.machine = machine;
        this.releases = releases;
        this.view = view;
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

    /** By name. */
    private Map<String, Unmanaged> loaded() {
        if (unmanaged == null) {
            Map<String, Unmanaged> read = new TreeMap<>();
            if (before.revision() > 0) {
                view.unmanaged(before.id()).forEach(one -> read.put(one.name(), one));
            }
            unmanagedBefore = Map.copyOf(read);
            unmanaged = read;
        }
        return unmanaged;
    }

    Collection<Unmanaged> unmanaged() {
        return List.copyOf(loaded().values());
    }

    Optional<Unmanaged> findUnmanaged(String name) {
        return Optional.ofNullable(loaded().get(name));
    }

    /** Something nobody wants here, as it was last seen. */
    void put(InstallationStatus status, boolean reported, Instant now) {
        loaded().put(
                        status.name(),
                        new Unmanaged(machine.id(), machine.project(), machine.name(), status, now, reported));
    }

    /** Whether the machine's history says so. */
    boolean wasForgotten(String name) {
        return view.removals(before.id()).stream()
                .anyMatch(gone -> gone.how() == Removal.How.FORGOTTEN
                        && gone.last().name().equals(name));
    }

    void removeUnmanaged(String name) {
        loaded().remove(name);
    }

    /** For the machine's history. */
    void removed(InstallationStatus last, Removal.How how, Instant now) {
        removals.add(new Removal(machine.id(), machine.project(), machine.name(), last, now, how));
    }

    /** Of any machine of the project, by its name or id. */
    Optional<Repository> findRepository(String ofMachine, String installation) {
        boolean own = ofMachine.equals(machine.id()) || ofMachine.equals(machine.name());
        Repository made = own ? repositories.get(installation) : null;
        return made != null ? Optional.of(made) : RepositoryUse.find(view, machine.project(), ofMachine, installation);
    }

    void put(Repository made) {
        repositories.put(made.installation(), made);
    }

    Releases releases() {
        return releases;
    }

    void compile(GoalCompiler compiler, Instant now) {
        Expiry.apply(this, now);
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
        Map<String, Unmanaged> after = unmanaged == null ? Map.of() : unmanaged;
        after.forEach((name, one) -> {
            if (!one.equals(unmanagedBefore.get(name))) {
                changes.add(new FleetChange.UnmanagedPut(one));
            }
        });
        unmanagedBefore.forEach((name, gone) -> {
            if (!after.containsKey(name)) {
                changes.add(new FleetChange.UnmanagedGone(machine.id(), machine.project(), machine.name(), name));
            }
        });
        repositories.values().forEach(made -> changes.add(new FleetChange.RepositoryPut(made)));
        removals.forEach(removal -> changes.add(new FleetChange.RemovalPut(removal)));
        return changes;
    }

    /** As the store will have it; for the answer. */
    Installation get(String name) {
        return Objects.requireNonNull(installations.get(name));
    }
}
