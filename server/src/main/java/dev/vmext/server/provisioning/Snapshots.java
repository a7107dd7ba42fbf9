package dev.vmext.server.provisioning;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.Finding;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.fleet.OwnFinding;
import dev.vmext.fleet.Snapshot;
import dev.vmext.fleet.Snapshot.Consistency;
import dev.vmext.fleet.Snapshot.State;
import dev.vmext.fleet.provider.DiskSnapshot;
import dev.vmext.fleet.provider.DiskSnapshots;
import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.protocol.api.DiskSnapshotView;
import dev.vmext.protocol.api.SnapshotCreate;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.freeze.FreezeAnswer;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;

/**
 * Takes, verifies and deletes snapshots of machines' disks. Each piece of work is on record before it begins, and what a crash cut short
 * is settled by {@link #start}: a snapshot whose data is complete is ready, any other has failed.
 *
 * <pre>
 * create ──> taking ── point in time: hold the machine still, begin the copy, let go ──> ready ──> older chains go
 *                └─ failed, and a finding says so until the next one succeeds
 * delete ──> deleting ──> its data goes ──> gone
 * </pre>
 *
 * Work for one machine runs on one virtual thread, one piece after the other, beside the one that switches it.
 */
public final class Snapshots {
    private static final System.Logger LOG = System.getLogger(Snapshots.class.getName());
    /** A machine that nobody lets go of does so itself after this time. The copy begins within a moment. */
    private static final int HOLD_SECONDS = 10;

    private static final String FAILED = "snapshot-failed";
    private static final String BROKEN = "snapshot-broken";

    private final Fleet fleet;
    private final Map<String, DiskSnapshots> disks = new HashMap<>();
    private final Map<String, MachineProvider> providers = new HashMap<>();
    private final Stillness stillness;
    private final MachineLanes lanes;
    private final InstantSource clock;
    private final BiFunction<Throwable, String, Problem> translator;
    private volatile boolean stopping;

    /** Has a machine hold still while the copy of its disk begins; see {@code AgentSessions}. */
    public interface Stillness {
        CompletableFuture<FreezeAnswer> hold(String machineId, String id, int seconds);

        CompletableFuture<FreezeAnswer> release(String machineId, String id);
    }

    public Snapshots(
            Fleet fleet,
            List<MachineProvider> providers,
            Stillness stillness,
            Executor threads,
            InstantSource clock,
            BiFunction<Throwable, String, Problem> translator) {
        this.fleet = fleet;
        for (MachineProvider provider : providers) {
            this.providers.put(provider.name(), provider);
            if (provider instanceof DiskSnapshots able) {
                disks.put(provider.name(), able);
            }
        }
        this.stillness = stillness;
        this.lanes = new MachineLanes(threads);
        this.clock = clock;
        this.translator = translator;
    }

    /** Settles what an earlier process left. */
    public void start() {
        for (MachineRecord machine : fleet.machineRecords()) {
            DiskSnapshots able = disks.get(machine.provider());
            if (able != null && !machine.deleting()) {
                lanes.add(machine.id(), () -> settle(machine, able));
            }
        }
    }

    /** What is cut short from here on is settled by the next start. */
    public void stop() {
        stopping = true;
    }

    private void settle(MachineRecord machine, DiskSnapshots able) {
        try {
            able.settle(machine.id());
            List<DiskSnapshot> there = able.snapshots(machine.id());
            for (Snapshot left : fleet.unfinishedSnapshots()) {
                if (!left.machineId().equals(machine.id())) {
                    continue;
                }
                if (left.state() == State.DELETING) {
                    drop(machine, able, left);
                    continue;
                }
                Optional<DiskSnapshot> whole =
                        there.stream().filter(one -> one.id().equals(left.id())).findFirst();
                if (whole.isPresent()) {
                    fleet.snapshotTaken(
                            left.id(),
                            new Snapshot.Taken(
                                    whole.get(),
                                    whole.get().running() ? Consistency.CRASH : Consistency.OFF,
                                    "the control plane was restarted meanwhile, so nobody knows more",
                                    left.createdAt()));
                } else {
                    failed(
                            machine,
                            left,
                            Problem.of(
                                    ProblemCode.OPERATION_FAILED,
                                    "cannot take the snapshot: the control plane was restarted meanwhile",
                                    "Take it again."));
                }
            }
            lost(machine, there);
        } catch (RuntimeException e) {
            if (!stopping) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Cannot settle the snapshots of machine " + machine.name() + "; the next one tries again",
                        e);
            }
        }
    }

    /** A snapshot without its data is none, whoever took it away. */
    private void lost(MachineRecord machine, List<DiskSnapshot> there) {
        for (DiskSnapshotView view : fleet.listSnapshots(machine.project(), machine.name())) {
            if (view.state().equals(State.READY.wire())
                    && there.stream().noneMatch(one -> one.id().equals(view.id()))) {
                Problem gone = Problem.of(
                        ProblemCode.SNAPSHOT_BROKEN,
                        "cannot use the snapshot: its data is gone from the provider",
                        "Take a new one.");
                fleet.snapshotFailed(view.id(), gone).ifPresent(one -> tellBroken(machine, one.id(), gone.detail()));
            }
        }
    }

    /** Begins to take one. */
    public DiskSnapshotView create(Actor actor, MachineRecord machine, SnapshotCreate request) {
        DiskSnapshots able = require(machine, "take a snapshot of");
        DiskSnapshotView view = fleet.createSnapshot(actor, machine.project(), machine.name(), request);
        lanes.add(machine.id(), () -> take(machine, able, view.id()));
        return view;
    }

    private DiskSnapshots require(MachineRecord machine, String verb) {
        DiskSnapshots able = disks.get(machine.provider());
        if (able == null) {
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_ACTION,
                    "cannot " + verb + " machine " + machine.name() + ": its provider " + machine.provider()
                            + " keeps no snapshots of disks",
                    "use the snapshots of the place where it runs, or install vmext.Backup on it");
        }
        return able;
    }

    private void take(MachineRecord machine, DiskSnapshots able, String id) {
        Optional<Snapshot> wanted = fleet.findSnapshot(id).filter(one -> one.state() == State.TAKING);
        if (wanted.isEmpty()) {
            return;
        }
        Snapshot.Wish wish = wanted.get().wish();
        Point point = new Point(machine, id, wish.consistency());
        try {
            MachineProvider provider = providers.get(machine.provider());
            point.running = provider != null && provider.power(machine.id()) == PowerState.RUNNING;
            DiskSnapshot disk =
                    able.take(machine.id(), new DiskSnapshots.Wish(id, wish.full(), wish.longestChain()), point);
            Optional<Snapshot> ready = fleet.snapshotTaken(
                    id,
                    new Snapshot.Taken(disk, disk.running() ? point.reached : Consistency.OFF, point.note, point.at()));
            if (ready.isEmpty()) {
                return;
            }
            fleet.tellFindings(List.of(OwnFinding.over(
                    machine.project(), machine.id(), Finding.Source.CONTROL_PLANE, FAILED, "snapshot")));
            Integer keep = wish.keep();
            if (keep != null) {
                fleet.retireSnapshots(machine.id(), keep).forEach(old -> drop(machine, able, old));
            }
        } catch (RuntimeException | LinkageError e) {
            if (!stopping) {
                failed(machine, wanted.get(), translator.apply(e, "take a snapshot of machine " + machine.name()));
            }
        }
    }

    private void failed(MachineRecord machine, Snapshot snapshot, Problem problem) {
        LOG.log(System.Logger.Level.WARNING, "Machine {0}: {1}", machine.name(), problem.detail());
        fleet.snapshotFailed(snapshot.id(), problem);
        fleet.tellFindings(List.of(new OwnFinding(
                machine.project(),
                machine.id(),
                Finding.Source.CONTROL_PLANE,
                FAILED,
                "snapshot",
                FindingSeverity.HIGH,
                false,
                problem.detail(),
                Map.of("snapshot", snapshot.id(), "code", problem.code()))));
    }

    /** The point in time of one snapshot. One thread. */
    private final class Point implements DiskSnapshots.Moment {
        private final MachineRecord machine;
        private final String id;
        private final Consistency wanted;
        private boolean running;
        private Consistency reached = Consistency.CRASH;
        private String note = "";
        private Instant at = clock.instant();

        Point(MachineRecord machine, String id, Consistency wanted) {
            this.machine = machine;
            this.id = id;
            this.wanted = wanted;
        }

        Instant at() {
            return at;
        }

        @Override
        public void at(Runnable take) {
            if (wanted == Consistency.CRASH || !running) {
                at = clock.instant();
                take.run();
                return;
            }
            String refused = answer(stillness.hold(machine.id(), id, HOLD_SECONDS));
            if (!refused.isEmpty()) {
                insist(refused);
                at = clock.instant();
                take.run();
                return;
            }
            String late;
            try {
                at = clock.instant();
                take.run();
            } finally {
                late = answer(stillness.release(machine.id(), id));
            }
            if (late.isEmpty()) {
                reached = Consistency.APPLICATION;
            } else {
                insist(late);
            }
        }

        private void insist(String why) {
            if (wanted == Consistency.APPLICATION) {
                throw new ProblemException(
                        ProblemCode.FREEZE_FAILED,
                        "cannot take an application-consistent snapshot of machine " + machine.name() + ": " + why,
                        "mend that, or leave --consistency away to take a crash-consistent one");
            }
            note = why;
        }

        /** Empty when it is good. */
        private static String answer(CompletableFuture<FreezeAnswer> asked) {
            try {
                FreezeAnswer answer = asked.join();
                return answer.good() ? "" : answer.message().isEmpty() ? "the machine said no" : answer.message();
            } catch (CompletionException e) {
                return e.getCause() instanceof ProblemException expected
                        ? expected.detail()
                        : String.valueOf(e.getMessage());
            }
        }
    }

    /** Begins to read and compare a snapshot with all it builds on. */
    public DiskSnapshotView verify(MachineRecord machine, String id) {
        DiskSnapshots able = require(machine, "verify a snapshot of");
        DiskSnapshotView view = fleet.getSnapshot(machine.project(), machine.name(), id);
        if (!view.state().equals(State.READY.wire())) {
            throw new ProblemException(
                    ProblemCode.SNAPSHOT_NOT_FOUND,
                    "cannot verify snapshot " + id + " of machine " + machine.name() + ": it is " + view.state(),
                    "vmext snapshot list " + machine.name() + " shows those that are ready");
        }
        lanes.add(machine.id(), () -> examine(machine, able, id));
        return view;
    }

    private void examine(MachineRecord machine, DiskSnapshots able, String id) {
        List<String> faults;
        try {
            faults = able.verify(machine.id(), id).faults();
        } catch (RuntimeException | LinkageError e) {
            if (stopping) {
                return;
            }
            faults = List.of(translator
                    .apply(e, "verify a snapshot of machine " + machine.name())
                    .detail());
        }
        if (fleet.snapshotChecked(id, faults).isEmpty()) {
            return;
        }
        if (faults.isEmpty()) {
            tellWhole(machine, id);
        } else {
            tellBroken(machine, id, String.join("; ", faults));
        }
    }

    private void tellBroken(MachineRecord machine, String id, String why) {
        fleet.tellFindings(List.of(new OwnFinding(
                machine.project(),
                machine.id(),
                Finding.Source.CONTROL_PLANE,
                BROKEN,
                id,
                FindingSeverity.CRITICAL,
                false,
                why,
                Map.of("snapshot", id))));
    }

    private void tellWhole(MachineRecord machine, String id) {
        fleet.tellFindings(
                List.of(OwnFinding.over(machine.project(), machine.id(), Finding.Source.CONTROL_PLANE, BROKEN, id)));
    }

    /**
     * Begins to delete a snapshot.
     *
     * @param chain with all that build on it
     */
    public void delete(Actor actor, MachineRecord machine, String id, boolean chain) {
        DiskSnapshots able = require(machine, "delete a snapshot of");
        List<Snapshot> going = fleet.deleteSnapshot(actor, machine.project(), machine.name(), id, chain);
        lanes.add(machine.id(), () -> going.forEach(one -> drop(machine, able, one)));
    }

    private void drop(MachineRecord machine, DiskSnapshots able, Snapshot old) {
        try {
            able.drop(machine.id(), old.id());
            fleet.snapshotGone(old.id());
            tellWhole(machine, old.id());
        } catch (RuntimeException e) {
            if (!stopping) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Cannot delete snapshot " + old.id() + " of machine " + machine.name()
                                + "; trying again at the next start",
                        e);
            }
        }
    }
}
