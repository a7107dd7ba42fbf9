package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.fleet.FleetChange.SnapshotChange;
import dev.vmext.fleet.Snapshot.Consistency;
import dev.vmext.fleet.Snapshot.State;
import dev.vmext.protocol.api.DiskSnapshotView;
import dev.vmext.protocol.api.SnapshotCreate;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Snapshots of machines' disks: which there are, which may go, what machines are put back to. Behind {@link Fleet}; as thread-safe as the store. */
final class Snapshots {
    private static final int LONGEST_CHAIN = 14;
    private static final int MOST_CHAIN = 100;
    private static final int MOST_KEPT = 1000;
    /** Failed ones of a machine that are remembered. */
    private static final int FAILED_KEPT = 5;
    /** How far back a fresh certificate's validity is dated, because clocks differ. */
    private static final Duration BACKDATE = Duration.ofHours(1);

    private final FleetParts parts;

    Snapshots(FleetParts parts) {
        this.parts = parts;
    }

    DiskSnapshotView create(Actor actor, String project, String machineName, SnapshotCreate asked) {
        Snapshot.Wish wish = wish(asked);
        return parts.store().transact(actor, view -> {
            Machine machine = Problems.getMachine(view, project, machineName);
            Problems.refuseDeleting("take a snapshot of", machine);
            refuseSelfEnrolled("take a snapshot of", machine);
            Instant now = parts.now();
            Snapshot made = new Snapshot(
                    parts.ids().newId(),
                    machine.id(),
                    project,
                    machine.name(),
                    wish,
                    State.TAKING,
                    null,
                    null,
                    null,
                    actor.name(),
                    now,
                    null,
                    0);
            return Decision.noted(
                    List.of(new SnapshotChange.SnapshotPut(made)),
                    made.view(),
                    new Note(
                            now,
                            "snapshot.create",
                            subject(made),
                            wish.consistency().wire()));
        });
    }

    static void refuseSelfEnrolled(String verb, Machine machine) {
        if (machine.provider().equals(Platforms.SELF_ENROLLED)) {
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_ACTION,
                    "cannot " + verb + " machine " + machine.name()
                            + ": it is self-enrolled, vmext has no power over its disk",
                    "use the snapshots of the place where it runs, or install vmext.Backup on it");
        }
    }

    private static Snapshot.Wish wish(SnapshotCreate asked) {
        String word = asked.consistency() == null ? Consistency.AUTO.wire() : asked.consistency();
        Consistency consistency = switch (word) {
            case "auto" -> Consistency.AUTO;
            case "application" -> Consistency.APPLICATION;
            case "crash" -> Consistency.CRASH;
            default ->
                throw Problems.invalidValue(
                        "cannot take a snapshot: there is no consistency " + Problems.shown(word),
                        "allowed are auto, application and crash");
        };
        return new Snapshot.Wish(
                consistency,
                Boolean.TRUE.equals(asked.full()),
                within(
                        "longestChain",
                        asked.longestChain() == null ? LONGEST_CHAIN : asked.longestChain(),
                        0,
                        MOST_CHAIN),
                asked.keep() == null ? null : within("keep", asked.keep(), 1, MOST_KEPT));
    }

    private static int within(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw Problems.invalidValue(
                    "cannot take a snapshot: " + field + " is " + value, "it must be from " + least + " to " + most);
        }
        return value;
    }

    /** Newest first. */
    List<DiskSnapshotView> list(String project, String machine) {
        return parts.store()
                .read(view -> newestFirst(view.snapshots(
                                Problems.getMachine(view, project, machine).id()))
                        .stream()
                        .map(Snapshot::view)
                        .toList());
    }

    static List<Snapshot> newestFirst(List<Snapshot> all) {
        return all.stream()
                .sorted(Comparator.comparing(Snapshot::createdAt)
                        .thenComparing(Snapshot::id)
                        .reversed())
                .toList();
    }

    Snapshot get(String project, String machine, String id) {
        return parts.store().read(view -> find(view, Problems.getMachine(view, project, machine), id));
    }

    static Snapshot find(FleetView view, Machine machine, String id) {
        return view.findSnapshot(id)
                .filter(one -> one.machineId().equals(machine.id()))
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.SNAPSHOT_NOT_FOUND,
                        "cannot find snapshot " + Problems.shown(id) + " of machine " + machine.name()
                                + ": there is none",
                        "vmext snapshot list " + machine.name() + " shows those there are"));
    }

    /** Of all machines, those that somebody has to work on. */
    List<Snapshot> unfinished() {
        return parts.store()
                .read(view -> view.snapshots().stream()
                        .filter(one -> one.state() == State.TAKING || one.state() == State.DELETING)
                        .toList());
    }

    Optional<Snapshot> find(String id) {
        return parts.store().read(view -> view.findSnapshot(id));
    }

    /** Empty when its machine has gone meanwhile. */
    Optional<Snapshot> taken(String id, Snapshot.Taken what) {
        return change(id, one -> one.state() == State.TAKING ? one.ready(what, parts.now()) : one);
    }

    Optional<Snapshot> failed(String id, Problem why) {
        Optional<Snapshot> changed = change(
                id,
                one -> one.state() == State.TAKING || one.state() == State.READY ? one.failed(why, parts.now()) : one);
        changed.ifPresent(one -> forgetOldFailures(one.machineId()));
        return changed;
    }

    private void forgetOldFailures(String machineId) {
        parts.store().transact(Actor.SYSTEM, view -> {
            List<FleetChange> changes = newestFirst(view.snapshots(machineId)).stream()
                    .filter(one -> one.state() == State.FAILED)
                    .skip(FAILED_KEPT)
                    .<FleetChange>map(SnapshotChange.SnapshotGone::of)
                    .toList();
            return changes.isEmpty() ? Decision.nothing(true) : Decision.silent(changes, true);
        });
    }

    Optional<Snapshot> checked(String id, List<String> faults) {
        return change(id, one -> one.checked(new Snapshot.Check(parts.now(), faults)));
    }

    private Optional<Snapshot> change(String id, Function<Snapshot, Snapshot> decide) {
        return parts.store().transact(Actor.SYSTEM, view -> {
            Optional<Snapshot> before = view.findSnapshot(id);
            Optional<Snapshot> after = before.map(decide);
            return after.equals(before)
                    ? Decision.nothing(after)
                    : Decision.silent(List.of(new SnapshotChange.SnapshotPut(after.orElseThrow())), after);
        });
    }

    /** Marks what is to go; answers it in the order in which it can, what builds on another first. */
    List<Snapshot> delete(Actor actor, String project, String machineName, String id, boolean chain) {
        return parts.store().transact(actor, view -> {
            Machine machine = Problems.getMachine(view, project, machineName);
            Snapshot wanted = find(view, machine, id);
            List<Snapshot> going = new ArrayList<>(List.of(wanted));
            Set<String> ids = new HashSet<>(Set.of(wanted.id()));
            // Oldest first, so one pass meets what builds on something after it.
            for (Snapshot one : newestFirst(view.snapshots(machine.id())).reversed()) {
                String parent = one.parent();
                if (parent != null && ids.contains(parent) && ids.add(one.id())) {
                    going.add(one);
                }
            }
            if (going.size() > 1 && !chain) {
                throw new ProblemException(
                        ProblemCode.SNAPSHOT_IN_USE,
                        "cannot delete snapshot " + id + " of machine " + machine.name() + ": "
                                + String.join(
                                        ", ",
                                        going.stream().skip(1).map(Snapshot::id).toList())
                                + " build on it",
                        "delete those first, or all of them with --chain");
            }
            return drop(view, actor, going.reversed());
        });
    }

    private Decision<List<Snapshot>> drop(FleetView view, Actor actor, List<Snapshot> going) {
        for (Snapshot one : going) {
            if (one.state() == State.TAKING) {
                throw new ProblemException(
                        ProblemCode.SNAPSHOT_IN_USE,
                        "cannot delete snapshot " + one.id() + " of machine " + one.machine() + ": it is being taken",
                        "wait until it is ready");
            }
            view.restores().stream()
                    .filter(restore -> restore.uses(one))
                    .findFirst()
                    .ifPresent(restore -> {
                        throw new ProblemException(
                                ProblemCode.SNAPSHOT_IN_USE,
                                "cannot delete snapshot " + one.id() + ": machine " + restore.machine()
                                        + " is being restored from it",
                                "wait until that is done");
                    });
        }
        List<Snapshot> marked = going.stream().map(Snapshot::deleting).toList();
        return Decision.noted(
                marked.stream()
                        .<FleetChange>map(SnapshotChange.SnapshotPut::new)
                        .toList(),
                marked,
                new Note(
                        parts.now(),
                        "snapshot.delete",
                        subject(going.getLast()),
                        actor.name() + ": " + going.size() + " snapshots"));
    }

    /**
     * What lies beyond the newest so many, whole chains only: a chain stays as long as one of those is in it. Marks them; answers them in
     * the order in which they can go.
     */
    List<Snapshot> retire(String machineId, int keep) {
        return parts.store().transact(Actor.SYSTEM, view -> {
            List<Snapshot> ready = newestFirst(view.snapshots(machineId)).stream()
                    .filter(one -> one.state() == State.READY)
                    .toList();
            Set<String> roots = new HashSet<>();
            ready.stream().limit(keep).forEach(one -> roots.add(root(ready, one)));
            List<Snapshot> going = ready.stream()
                    .filter(one -> !roots.contains(root(ready, one)))
                    .filter(one -> view.restores().stream().noneMatch(restore -> restore.uses(one)))
                    .toList();
            // One that is in use keeps what it builds on.
            Set<String> needed = new HashSet<>();
            ready.stream()
                    .filter(one -> !going.contains(one))
                    .forEach(one -> ancestors(ready, one).forEach(needed::add));
            List<Snapshot> gone =
                    going.stream().filter(one -> !needed.contains(one.id())).toList();
            return gone.isEmpty() ? Decision.nothing(List.<Snapshot>of()) : drop(view, Actor.SYSTEM, gone);
        });
    }

    private static List<String> ancestors(List<Snapshot> all, Snapshot one) {
        List<String> ids = new ArrayList<>();
        String next = one.parent();
        while (next != null && !ids.contains(next)) {
            String id = next;
            ids.add(id);
            next = all.stream()
                    .filter(other -> other.id().equals(id))
                    .findFirst()
                    .map(Snapshot::parent)
                    .orElse(null);
        }
        return ids;
    }

    private static String root(List<Snapshot> all, Snapshot one) {
        List<String> ids = ancestors(all, one);
        return ids.isEmpty() ? one.id() : ids.getLast();
    }

    void gone(String id) {
        parts.store()
                .transact(
                        Actor.SYSTEM,
                        view -> view.findSnapshot(id)
                                .map(one -> Decision.silent(List.of(SnapshotChange.SnapshotGone.of(one)), true))
                                .orElseGet(() -> Decision.nothing(false)));
    }

    // Restores

    /** The machine gets the disk of one of its snapshots, and runs. */
    Restore restore(Actor actor, String project, String machineName, String id) {
        return parts.store().transact(actor, view -> {
            Machine machine = Problems.getMachine(view, project, machineName);
            Problems.refuseDeleting("restore", machine);
            Snapshot snapshot = usable(find(view, machine, id));
            Restore restore = new Restore(
                    parts.ids().newId(),
                    machine.id(),
                    project,
                    machine.name(),
                    false,
                    outdated(view, machine, snapshot),
                    machine.id(),
                    id,
                    parts.now());
            return Decision.noted(
                    List.of(
                            new SnapshotChange.RestorePut(restore),
                            new FleetChange.MachinePut(machine.with(machine.condition()
                                    .wanted(true)
                                    .now(Machine.Phase.PROVISIONING, "waiting to be restored")))),
                    restore,
                    new Note(parts.now(), "snapshot.restore", subject(snapshot), ""));
        });
    }

    static Snapshot usable(Snapshot snapshot) {
        if (snapshot.good()) {
            return snapshot;
        }
        boolean broken = snapshot.state() == State.READY;
        throw new ProblemException(
                broken ? ProblemCode.SNAPSHOT_BROKEN : ProblemCode.SNAPSHOT_NOT_FOUND,
                "cannot use snapshot " + snapshot.id() + " of machine " + snapshot.machine() + ": "
                        + (broken
                                ? String.join(
                                        "; ",
                                        Objects.requireNonNull(snapshot.check()).faults())
                                : "it is " + snapshot.state().wire()),
                "use another one: vmext snapshot list " + snapshot.machine());
    }

    /** Whether no certificate that the disk may hold is one the machine may still use. */
    private static boolean outdated(FleetView view, Machine machine, Snapshot snapshot) {
        Instant at = Objects.requireNonNull(snapshot.taken()).at();
        return view.certificates(machine.id()).stream()
                .noneMatch(
                        one -> !one.revoked() && !one.notBefore().plus(BACKDATE).isAfter(at));
    }

    Optional<Restore> findRestore(String machineId) {
        return parts.store().read(view -> view.findRestore(machineId));
    }

    void restoreEnded(Restore restore) {
        parts.store()
                .transact(
                        Actor.SYSTEM,
                        view -> view.findRestore(restore.machineId())
                                .filter(restore::equals)
                                .map(one -> Decision.silent(
                                        List.<FleetChange>of(new SnapshotChange.RestoreGone(one.machineId())), true))
                                .orElseGet(() -> Decision.nothing(false)));
    }

    private static String subject(Snapshot snapshot) {
        return snapshot.project() + "/" + snapshot.machine() + "/" + snapshot.id();
    }

    /** The newest good one; null when there is none. */
    static @Nullable Snapshot newestGood(FleetView view, Machine machine) {
        return newestFirst(view.snapshots(machine.id())).stream()
                .filter(Snapshot::good)
                .findFirst()
                .orElse(null);
    }
}
