package dev.vmext.fleet.provider.testing;

import dev.vmext.fleet.provider.DiskSnapshot;
import dev.vmext.fleet.provider.DiskSnapshots;
import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.fleet.provider.MachineSnapshots;
import dev.vmext.fleet.provider.MachineSpec;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.ProviderFacts;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.SeedFiles;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Machines that are only remembered. A test can read back what was created and make the next call fail. Thread-safe: every
 * method holds the one lock.
 */
public final class InMemoryMachineProvider implements MachineProvider, MachineSnapshots, DiskSnapshots {
    private static final String IMAGE = "debian-12";

    private static final class Machine {
        final MachineSpec spec;
        final Set<String> snapshots = new HashSet<>();
        PowerState power = PowerState.RUNNING;
        int boots = 1;
        String disk = "";
        /** The snapshot since which writes are recorded; null when they are not. */
        @Nullable String since;

        Machine(MachineSpec spec) {
            this.spec = spec;
        }
    }

    private record Kept(DiskSnapshot snapshot, String disk, boolean broken) {}

    private final Map<String, Machine> machines = new TreeMap<>();
    private final Map<String, List<Kept>> kept = new TreeMap<>();
    private final Map<String, SeedFiles> seeds = new TreeMap<>();
    private @Nullable ProviderProblem nextProblem;

    /** The next call that can fail throws this, once. */
    public synchronized void failNext(ProviderProblem problem) {
        this.nextProblem = problem;
    }

    /** What {@link #create} was called with first for this machine. */
    public synchronized Optional<MachineSpec> findSpec(String machineId) {
        return Optional.ofNullable(machines.get(machineId)).map(m -> m.spec);
    }

    /** How often the machine was booted; 0 when there is none. */
    public synchronized int boots(String machineId) {
        Machine machine = machines.get(machineId);
        return machine == null ? 0 : machine.boots;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public ProviderFacts facts() {
        return new ProviderFacts("memory", "1", "none", false, Optional.of("127.0.0.1"), IMAGE, true);
    }

    @Override
    public synchronized void preflight(MachineSpec spec) {
        throwPlannedProblem();
        if (!spec.imageId().orElse(IMAGE).equals(IMAGE)) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.UNKNOWN_IMAGE,
                    "cannot create machine " + spec.name() + ": there is no image "
                            + spec.imageId().orElse(IMAGE),
                    "leave the image out to use " + IMAGE);
        }
    }

    @Override
    public synchronized void create(MachineSpec spec, Progress progress) {
        progress.report(Progress.Phase.PREFLIGHT, "Checking the host");
        Machine machine = machines.get(spec.machineId());
        if (machine == null) {
            preflight(spec);
            machines.put(spec.machineId(), new Machine(spec));
        } else {
            if (!sameHardware(machine.spec, spec)) {
                throw new ProviderProblem(
                        ProviderProblem.Kind.CONFLICT,
                        "cannot create machine " + spec.name()
                                + ": it exists with other processors, memory, disk or image",
                        "delete it first, or ask for what it has");
            }
            start(spec.machineId());
        }
        progress.report(Progress.Phase.RUNNING, "Machine " + spec.name() + " is running");
    }

    private static boolean sameHardware(MachineSpec a, MachineSpec b) {
        return a.cpus() == b.cpus()
                && a.memoryMiB() == b.memoryMiB()
                && a.diskGiB() == b.diskGiB()
                && a.imageId().orElse(IMAGE).equals(b.imageId().orElse(IMAGE));
    }

    @Override
    public synchronized void start(String machineId) {
        throwPlannedProblem();
        Machine machine = getMachine("start", machineId);
        if (machine.power == PowerState.STOPPED) {
            machine.boots++;
        }
        machine.power = PowerState.RUNNING;
    }

    @Override
    public synchronized void stop(String machineId) {
        throwPlannedProblem();
        getMachine("stop", machineId).power = PowerState.STOPPED;
    }

    @Override
    public synchronized void kill(String machineId) {
        throwPlannedProblem();
        getMachine("switch off", machineId).power = PowerState.STOPPED;
    }

    @Override
    public synchronized void delete(String machineId) {
        throwPlannedProblem();
        machines.remove(MachineSpec.requireMachineId(machineId));
    }

    @Override
    public synchronized PowerState power(String machineId) {
        Machine machine = machines.get(MachineSpec.requireMachineId(machineId));
        return machine == null ? PowerState.ABSENT : machine.power;
    }

    @Override
    public synchronized Set<String> machines() {
        return new TreeSet<>(machines.keySet());
    }

    @Override
    public synchronized String console(String machineId, int maxBytes) {
        String text = "booted " + getMachine("read the console of", machineId).boots + " times\n";
        return text.substring(Math.max(0, text.length() - maxBytes));
    }

    @Override
    public synchronized void snapshotSave(String machineId, String tag) {
        running("save", machineId).snapshots.add(tag);
    }

    @Override
    public synchronized void snapshotLoad(String machineId, String tag) {
        if (!running("restore", machineId).snapshots.contains(tag)) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.UNKNOWN_SNAPSHOT,
                    "cannot restore machine " + machineId + ": it has no snapshot " + tag,
                    "save one first");
        }
    }

    /** The guest writes: this is what its disk holds from now on. */
    public synchronized void write(String machineId, String content) {
        getMachine("write to", machineId).disk = content;
    }

    /** What the machine's disk holds. */
    public synchronized String read(String machineId) {
        return getMachine("read", machineId).disk;
    }

    /** Damages what is kept of a snapshot. */
    public synchronized void breakSnapshot(String machineId, String snapshotId) {
        List<Kept> all = kept.getOrDefault(machineId, new ArrayList<>());
        all.replaceAll(
                one -> one.snapshot().id().equals(snapshotId) ? new Kept(one.snapshot(), one.disk(), true) : one);
    }

    /** The seed that {@link #restore} or {@link #createFrom} was called with last. */
    public synchronized Optional<SeedFiles> findSeed(String machineId) {
        return Optional.ofNullable(seeds.get(machineId));
    }

    @Override
    public DiskSnapshot take(String machineId, Wish wish, Moment moment) {
        Machine machine;
        List<Kept> all;
        synchronized (this) {
            throwPlannedProblem();
            machine = getMachine("take a snapshot of", machineId);
            all = kept.computeIfAbsent(machineId, id -> new ArrayList<>());
        }
        // Not under the lock: whoever knows the moment may have to ask the machine.
        String[] disk = new String[1];
        moment.at(() -> {
            synchronized (this) {
                disk[0] = machine.disk;
            }
        });
        synchronized (this) {
            DiskSnapshot newest = all.isEmpty() ? null : all.getLast().snapshot();
            String why = newest == null
                    ? "it is the first of this machine"
                    : wish.full()
                            ? "a full one was asked for"
                            : newest.depth() >= wish.longestChain()
                                    ? "its chain has " + newest.depth() + " increments already"
                                    : newest.id().equals(machine.since)
                                            ? ""
                                            : "there is no record of what was written since snapshot " + newest.id();
            DiskSnapshot snapshot = new DiskSnapshot(
                    wish.id(),
                    why.isEmpty() && newest != null ? Optional.of(newest.id()) : Optional.empty(),
                    why.isEmpty() && newest != null ? newest.depth() + 1 : 0,
                    why,
                    machine.power == PowerState.RUNNING,
                    1 << 20,
                    disk[0].length(),
                    "sha256:" + "0".repeat(64));
            all.add(new Kept(snapshot, disk[0], false));
            machine.since = wish.id();
            return snapshot;
        }
    }

    @Override
    public synchronized List<DiskSnapshot> snapshots(String machineId) {
        return kept.getOrDefault(MachineSpec.requireMachineId(machineId), List.of()).stream()
                .map(Kept::snapshot)
                .toList();
    }

    private Kept getKept(String machineId, String snapshotId) {
        return kept.getOrDefault(MachineSpec.requireMachineId(machineId), List.of()).stream()
                .filter(one -> one.snapshot().id().equals(Wish.requireId(snapshotId)))
                .findFirst()
                .orElseThrow(() -> new ProviderProblem(
                        ProviderProblem.Kind.UNKNOWN_SNAPSHOT,
                        "cannot find snapshot " + snapshotId + ": the provider keeps none of that id for this machine",
                        "look at those there are"));
    }

    @Override
    public synchronized Verdict verify(String machineId, String snapshotId) {
        List<String> faults = new ArrayList<>();
        Kept one = getKept(machineId, snapshotId);
        while (true) {
            if (one.broken()) {
                faults.add(
                        "the file of snapshot " + one.snapshot().id() + " has another digest than when it was written");
            }
            if (one.snapshot().parent().isEmpty()) {
                return new Verdict(faults, one.disk().length());
            }
            one = getKept(machineId, one.snapshot().parent().get());
        }
    }

    private String verified(String machineId, String snapshotId) {
        Verdict verdict = verify(machineId, snapshotId);
        if (!verdict.good()) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.BROKEN_SNAPSHOT,
                    "cannot use the snapshot: " + String.join("; ", verdict.faults()),
                    "use an older one, and take a new one");
        }
        return getKept(machineId, snapshotId).disk();
    }

    @Override
    public synchronized void restore(String machineId, String snapshotId, Optional<SeedFiles> seed) {
        throwPlannedProblem();
        Machine machine = getMachine("restore", machineId);
        machine.disk = verified(machineId, snapshotId);
        machine.power = PowerState.STOPPED;
        machine.since = null;
        seed.ifPresent(files -> seeds.put(machineId, files));
    }

    @Override
    public synchronized void createFrom(MachineSpec spec, String fromMachineId, String snapshotId, Progress progress) {
        String disk = verified(fromMachineId, snapshotId);
        preflight(spec);
        machines.remove(spec.machineId());
        create(spec, progress);
        write(spec.machineId(), disk);
        seeds.put(spec.machineId(), spec.seed());
    }

    @Override
    public synchronized void drop(String machineId, String snapshotId) {
        Wish.requireId(snapshotId);
        List<Kept> all = kept.getOrDefault(MachineSpec.requireMachineId(machineId), new ArrayList<>());
        if (all.stream()
                .anyMatch(one ->
                        one.snapshot().parent().filter(snapshotId::equals).isPresent())) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.CONFLICT,
                    "cannot delete snapshot " + snapshotId + ": another builds on it",
                    "delete that one first");
        }
        all.removeIf(one -> one.snapshot().id().equals(snapshotId));
    }

    @Override
    public synchronized void dropAll(String machineId) {
        kept.remove(MachineSpec.requireMachineId(machineId));
    }

    @Override
    public synchronized void settle(String machineId) {
        // Nothing is ever left unfinished in memory.
        MachineSpec.requireMachineId(machineId);
    }

    private Machine running(String verb, String machineId) {
        throwPlannedProblem();
        Machine machine = getMachine(verb, machineId);
        if (machine.power != PowerState.RUNNING) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.NOT_RUNNING,
                    "cannot " + verb + " machine " + machineId + ": it is not running",
                    "start it first");
        }
        return machine;
    }

    private Machine getMachine(String verb, String machineId) {
        Machine machine = machines.get(MachineSpec.requireMachineId(machineId));
        if (machine == null) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.UNKNOWN_MACHINE,
                    "cannot " + verb + " machine " + machineId + ": this provider has no such machine",
                    "create it first");
        }
        return machine;
    }

    private void throwPlannedProblem() {
        ProviderProblem problem = nextProblem;
        nextProblem = null;
        if (problem != null) {
            throw problem;
        }
    }
}
