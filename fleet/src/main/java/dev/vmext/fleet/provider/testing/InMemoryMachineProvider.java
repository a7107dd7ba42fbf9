package dev.vmext.fleet.provider.testing;

import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.fleet.provider.MachineSnapshots;
import dev.vmext.fleet.provider.MachineSpec;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.ProviderFacts;
import dev.vmext.fleet.provider.ProviderProblem;
import java.util.HashSet;
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
public final class InMemoryMachineProvider implements MachineProvider, MachineSnapshots {
    private static final String IMAGE = "debian-12";

    private static final class Machine {
        final MachineSpec spec;
        final Set<String> snapshots = new HashSet<>();
        PowerState power = PowerState.RUNNING;
        int boots = 1;

        Machine(MachineSpec spec) {
            this.spec = spec;
        }
    }

    private final Map<String, Machine> machines = new TreeMap<>();
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
