package dev.vmext.server.provisioning;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Hardware;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.fleet.Provisioning;
import dev.vmext.fleet.Restore;
import dev.vmext.fleet.provider.DiskSnapshots;
import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.fleet.provider.MachineSpec;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.ProviderFacts;
import dev.vmext.fleet.provider.SeedFiles;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineRecover;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.Suggestion;
import dev.vmext.server.publishing.Publishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Makes what is true of machines what the store says should be true: boots those that should run, stops and deletes those that should
 * not. Every piece of work reads the machine's record first and can be repeated, and nothing is remembered here that matters: after a
 * crash {@link #start} looks at all records and does again what was not finished.
 *
 * <pre>
 * create ──> bring up ──────────────> booted, the agent's turn
 * start ──────┘   └─ cannot: the problem is on the machine; start tries again, delete clears up
 * delete ──> provider.delete ──> machineDeleted
 * </pre>
 *
 * Work for one machine runs on one virtual thread, one piece after the other.
 */
public final class Provisioner {
    private static final System.Logger LOG = System.getLogger(Provisioner.class.getName());
    /** What a machine gets that does not ask for anything else: enough for Debian and the official extensions. */
    private static final int CPUS = 2;

    private static final int MEMORY_MIB = 1024;
    private static final int DISK_GIB = 8;
    /** From the writing of the seed to the first connection; a first boot may wait for an image that takes long to build. */
    private static final Duration TOKEN_LIFE = Duration.ofDays(7);
    /** A guest on a simulated processor takes about ten times as long for everything. */
    private static final int EMULATED_STRETCH = 10;

    private static final String SELF_ENROLLED = "self-enrolled";
    private static final String DEFAULT_PROVIDER = "qemu";

    private final Fleet fleet;
    private final Map<String, MachineProvider> providers;
    private final TrustTexts trusts;
    private final AgentArchive agent;
    private final Supplier<GatewayFacts> gateway;
    private final SeedFolder seeds;
    private final MachineLanes lanes;
    private final InstantSource clock;
    private final BiFunction<Throwable, String, Problem> translator;
    private final Map<String, PowerState> observed = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    /** What surrounds the provisioner. */
    public record Surroundings(
            Publishers publishers,
            AgentArchive agent,
            Supplier<GatewayFacts> gateway,
            Path seedFolder,
            Executor threads,
            InstantSource clock,
            BiFunction<Throwable, String, Problem> translator) {}

    public Provisioner(Fleet fleet, List<MachineProvider> providers, Surroundings surroundings) {
        this.fleet = fleet;
        this.providers = providers.stream().collect(Collectors.toMap(MachineProvider::name, provider -> provider));
        this.trusts = new TrustTexts(surroundings.publishers());
        this.agent = surroundings.agent();
        this.gateway = surroundings.gateway();
        this.seeds = new SeedFolder(surroundings.seedFolder());
        this.lanes = new MachineLanes(surroundings.threads());
        this.clock = surroundings.clock();
        this.translator = surroundings.translator();
    }

    /** Takes up what an earlier process left: machines half made, half deleted, or off although they should run. */
    public void start() {
        for (MachineRecord machine : fleet.machineRecords()) {
            if (machine.deleting()) {
                delete(machine);
            } else if (machine.powerWanted() && providers.containsKey(machine.provider())) {
                lanes.add(machine.id(), () -> bringUp(machine.id()));
            }
        }
        Set<String> known =
                fleet.machineRecords().stream().map(MachineRecord::id).collect(Collectors.toSet());
        for (MachineProvider provider : providers.values()) {
            for (String stray : provider.machines()) {
                if (!known.contains(stray)) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "Provider {0} keeps machine {1}, which this control plane does not know; it is left alone",
                            provider.name(),
                            stray);
                }
            }
        }
    }

    /** What is cut short from here on is no failure of a machine: the next start takes it up. */
    public void stop() {
        stopping = true;
    }

    /** Declares a machine and begins to make it. What can be known to fail is refused before anything is on record. */
    public MachineView create(Actor actor, String project, MachineCreate request) {
        MachineProvider provider = provider(Objects.requireNonNullElse(request.provider(), DEFAULT_PROVIDER));
        trusts.check(request.trust(), null);
        agent.digest();
        Hardware hardware = new Hardware(request.cpus(), request.memoryMiB(), request.diskGiB());
        preflight(provider, request.name(), hardware);
        MachineView machine = fleet.createMachine(actor, project, request);
        lanes.add(machine.id(), () -> bringUp(machine.id()));
        return machine;
    }

    private static void preflight(MachineProvider provider, String name, Hardware hardware) {
        MachineSpec spec;
        try {
            spec = spec(new UUID(0, 0).toString(), name, hardware, new SeedFiles("", "instance-id: preflight\n"));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    e.getMessage() != null && e.getMessage().startsWith("not a machine name")
                            ? ProblemCode.INVALID_NAME
                            : ProblemCode.INVALID_VALUE,
                    "cannot create the machine: " + e.getMessage(),
                    "Names are lower-case letters, digits and hyphens; leave cpus, memoryMiB and diskGiB away for "
                            + CPUS + ", " + MEMORY_MIB + " and " + DISK_GIB + ".",
                    e);
        }
        provider.preflight(spec);
    }

    /** Boots the machine, now and whenever the server starts. Also tries again to make one that could not be made. */
    public void start(Actor actor, MachineRecord machine) {
        requireAction(machine, "start");
        fleet.powerWanted(actor, machine.id(), true);
        lanes.add(machine.id(), () -> bringUp(machine.id()));
    }

    /**
     * Stops the machine.
     *
     * @param resume it is still wanted, so the server boots it when it starts the next time
     */
    public void stop(Actor actor, MachineRecord machine, boolean resume) {
        MachineProvider provider = requireAction(machine, "stop");
        fleet.powerWanted(actor, machine.id(), resume);
        lanes.add(
                machine.id(),
                () -> attempt(machine, "stop", () -> {
                    provider.stop(machine.id());
                    observe(provider, machine.id());
                }));
    }

    /** Removes a machine that Fleet marked as being deleted, and lets Fleet forget it. */
    public void delete(MachineRecord machine) {
        MachineProvider provider = providers.get(machine.provider());
        Actor actor = Actor.provider(machine.provider());
        if (provider == null) {
            fleet.machineDeleted(actor, machine.id());
            return;
        }
        lanes.add(
                machine.id(),
                () -> attempt(machine, "delete", () -> {
                    provider.delete(machine.id());
                    if (provider instanceof DiskSnapshots able) {
                        able.dropAll(machine.id());
                    }
                    seeds.remove(machine.id());
                    observed.remove(machine.id());
                    fleet.machineDeleted(actor, machine.id());
                }));
    }

    /** The end of the machine's console, or log-not-found. */
    public String console(MachineRecord machine, int maxBytes) {
        MachineProvider provider = providers.get(machine.provider());
        if (provider == null || provider.power(machine.id()) == PowerState.ABSENT) {
            throw new ProblemException(
                    ProblemCode.LOG_NOT_FOUND,
                    "cannot show the console of machine " + machine.name() + ": "
                            + (provider == null ? "vmext did not make it" : "it was never booted"),
                    provider == null
                            ? "Look at it where the machine runs."
                            : "Wait until it boots; vmext machine show " + machine.name() + " says how far it is.");
        }
        return provider.console(machine.id(), maxBytes);
    }

    /** Looks at the power of all machines and reports what changed; to be called now and then. */
    public void observePower() {
        if (stopping) {
            return;
        }
        for (MachineRecord machine : fleet.machineRecords()) {
            MachineProvider provider = providers.get(machine.provider());
            if (provider != null && !machine.deleting()) {
                try {
                    observe(provider, machine.id());
                } catch (RuntimeException e) {
                    if (stopping) {
                        return;
                    }
                    LOG.log(System.Logger.Level.WARNING, "Cannot see the power of machine " + machine.name(), e);
                }
            }
        }
    }

    private void observe(MachineProvider provider, String machineId) {
        PowerState now = provider.power(machineId);
        if (observed.put(machineId, now) != now) {
            fleet.powerObserved(machineId, now.name().toLowerCase(Locale.ROOT));
        }
    }

    /** Puts the machine back to one of its snapshots, and boots it. */
    public void restore(Actor actor, MachineRecord machine, String snapshotId) {
        restorer(machine);
        fleet.restoreMachine(actor, machine.project(), machine.name(), snapshotId);
        lanes.add(machine.id(), () -> bringUp(machine.id()));
    }

    /** Makes a new virtual machine of what is known of a lost one; answers the machine that is made. */
    public MachineRecord recover(Actor actor, MachineRecord lost, MachineRecover request) {
        requireAction(lost, "recover");
        agent.digest();
        MachineRecord made = fleet.recoverMachine(actor, lost.project(), lost.name(), request);
        lanes.add(made.id(), () -> bringUp(made.id()));
        return made;
    }

    private DiskSnapshots restorer(MachineRecord machine) {
        if (requireAction(machine, "restore") instanceof DiskSnapshots able) {
            return able;
        }
        throw new ProblemException(
                ProblemCode.UNSUPPORTED_ACTION,
                "cannot restore machine " + machine.name() + ": its provider " + machine.provider()
                        + " keeps no snapshots of disks",
                "Restore it where it runs, or from a backup.");
    }

    /** Carries out what is on record; a crash repeats it. A disk that cannot be put back leaves the machine with the one it has. */
    private void restoreNow(MachineRecord machine, MachineProvider provider, Restore restore) {
        String snapshot = restore.snapshotId();
        String of = restore.snapshotMachineId();
        var progress = new ThrottledProgress(fleet, machine.id(), clock);
        if (restore.anew()) {
            MachineSpec spec =
                    spec(machine.id(), machine.name(), machine.hardware(), freshSeed(provider, machine, restore.id()));
            if (snapshot == null || of == null) {
                provider.delete(machine.id());
                provider.create(spec, progress);
            } else {
                restorer(machine).createFrom(spec, of, snapshot, progress);
            }
            fleet.restoreEnded(restore);
            return;
        }
        progress.report(Progress.Phase.DISK, "Putting the disk back to snapshot " + snapshot);
        try {
            restorer(machine)
                    .restore(
                            machine.id(),
                            Objects.requireNonNull(snapshot),
                            restore.reseed()
                                    ? Optional.of(freshSeed(provider, machine, restore.id()))
                                    : Optional.empty());
        } catch (RuntimeException e) {
            if (!stopping) {
                fleet.restoreEnded(restore);
                provider.start(machine.id());
            }
            throw e;
        }
        fleet.restoreEnded(restore);
        provider.start(machine.id());
    }

    private void bringUp(String machineId) {
        Optional<MachineRecord> found = fleet.findMachineRecord(machineId);
        if (found.isEmpty() || found.get().deleting() || !found.get().powerWanted()) {
            return;
        }
        MachineRecord machine = found.get();
        Optional<Restore> pending = fleet.findRestore(machineId);
        if (pending.isPresent()) {
            attempt(machine, "restore", () -> {
                MachineProvider provider = provider(machine.provider());
                restoreNow(machine, provider, pending.get());
                fleet.provisioningProgress(machineId, new Provisioning.Done());
                observe(provider, machineId);
            });
            return;
        }
        attempt(machine, "start", () -> {
            MachineProvider provider = provider(machine.provider());
            if (machine.enrolled()) {
                provider.start(machineId);
            } else {
                var progress = new ThrottledProgress(fleet, machineId, clock);
                provider.create(spec(machineId, machine.name(), machine.hardware(), seed(provider, machine)), progress);
            }
            fleet.provisioningProgress(machineId, new Provisioning.Done());
            observe(provider, machineId);
        });
    }

    private SeedFiles seed(MachineProvider provider, MachineRecord machine) {
        Optional<SeedFiles> kept = seeds.find(machine.id());
        if (kept.isPresent() && provider.power(machine.id()) != PowerState.ABSENT) {
            return kept.get();
        }
        return freshSeed(provider, machine, machine.id());
    }

    /** With a new token. A disk that has seen another instance id takes the machine for a new one, and introduces it anew. */
    private SeedFiles freshSeed(MachineProvider provider, MachineRecord machine, String instanceId) {
        ProviderFacts facts = provider.facts();
        GatewayFacts gatewayFacts = gateway.get();
        var token = fleet.issueToken(Actor.provider(provider.name()), machine.id(), TOKEN_LIFE)
                .token();
        SeedFiles seed = new EnrolmentSeed(
                        instanceId,
                        machine.name(),
                        facts.hostAddress().map(gatewayFacts::address).orElseGet(gatewayFacts::advertised),
                        gatewayFacts.caDigest(),
                        trusts.text(machine.trust(), null),
                        token,
                        agent.digest(),
                        facts.emulated() ? EMULATED_STRETCH : 1)
                .files();
        seeds.put(machine.id(), seed);
        return seed;
    }

    /** Work in a lane: whatever goes wrong ends as a problem on the machine. */
    private void attempt(MachineRecord machine, String verb, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | LinkageError e) {
            if (stopping) {
                return;
            }
            Problem problem = translator.apply(e, verb + " machine " + machine.name());
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Machine {0} did not {1}: {2}",
                    machine.name(),
                    verb,
                    problem.detail());
            fleet.provisioningProgress(machine.id(), new Provisioning.Failed(problem));
        }
    }

    private MachineProvider requireAction(MachineRecord machine, String verb) {
        MachineProvider provider = providers.get(machine.provider());
        if (provider == null) {
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_ACTION,
                    "cannot " + verb + " machine " + machine.name() + ": it is " + machine.provider()
                            + ", vmext has no power over it",
                    "Do it where the machine runs.");
        }
        if (machine.deleting()) {
            throw new ProblemException(
                    ProblemCode.MACHINE_DELETING,
                    "cannot " + verb + " machine " + machine.name() + ": it is being deleted",
                    "Create another machine.");
        }
        return provider;
    }

    private MachineProvider provider(String name) {
        MachineProvider provider = providers.get(name);
        if (provider != null) {
            return provider;
        }
        if (name.equals(SELF_ENROLLED)) {
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_ACTION,
                    "cannot create the machine: a self-enrolled machine is made elsewhere",
                    "Ask for its enrolment line with vmext machine enroll-command.");
        }
        throw new ProblemException(
                ProblemCode.PROVIDER_NOT_FOUND,
                "cannot create the machine: there is no provider \"" + name + "\"",
                Suggestion.sentence(name, providers.keySet()));
    }

    private static MachineSpec spec(String machineId, String name, Hardware hardware, SeedFiles seed) {
        return new MachineSpec(
                machineId,
                name,
                Objects.requireNonNullElse(hardware.cpus(), CPUS),
                Objects.requireNonNullElse(hardware.memoryMiB(), MEMORY_MIB),
                Objects.requireNonNullElse(hardware.diskGiB(), DISK_GIB),
                Optional.empty(),
                seed);
    }
}
