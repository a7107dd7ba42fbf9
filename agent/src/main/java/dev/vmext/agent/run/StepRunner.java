package dev.vmext.agent.run;

import dev.vmext.agent.cause.LinuxHost;
import dev.vmext.agent.config.Folders;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.HandlerContract;
import dev.vmext.agent.contract.HandlerFolder;
import dev.vmext.agent.contract.Settings;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.host.HostCare;
import dev.vmext.agent.host.Janitor;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.process.Processes;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.StatusDetail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hands of the agent: carries out one step, however long it takes, and tells how it ended. It never throws and keeps nothing
 * between two steps. One virtual thread per installation calls it.
 */
public final class StepRunner {
    private static final System.Logger LOG = System.getLogger(StepRunner.class.getName());

    private final Places places;
    private final HandlerContract contract;
    private final SettingsGuard guard;
    private final Limits limits;
    private final HandlerFolders folders;
    private final RunningSteps running = new RunningSteps();
    private final CommandCauses causes = new CommandCauses(new LinuxHost());
    private final PackageArrivals arrivals;
    private final HandlerCalls calls;

    /** A runner that takes no care of the machine. */
    public StepRunner(
            Places places,
            PackageStore packages,
            HandlerContract contract,
            Processes processes,
            SettingsGuard guard,
            Limits limits,
            InstantSource clock) {
        this(places, packages, contract, processes, guard, limits, clock, HostCare.none(), GatewayAccess.NONE);
    }

    public StepRunner(
            Places places,
            PackageStore packages,
            HandlerContract contract,
            Processes processes,
            SettingsGuard guard,
            Limits limits,
            InstantSource clock,
            HostCare care,
            GatewayAccess gateway) {
        this.places = places;
        this.contract = contract;
        this.guard = guard;
        this.limits = limits;
        this.folders = new HandlerFolders(places);
        this.arrivals = new PackageArrivals(places, packages, contract, guard, limits, care, causes);
        this.calls = new HandlerCalls(places, contract, gateway, processes, guard, clock, care, running, causes);
    }

    /** What is to be reported about an installation after this run, beyond how it ended. Said once. */
    public StatusDetail detail(String run, StatusDetail known) {
        return calls.detail(run, known);
    }

    /** A goal was taken: its secrets are known before anything of it can be shown. */
    public void learn(InstallationGoal goal) {
        guard.learn(goal);
    }

    /** How long this step may take. */
    public Duration deadline(Entry entry, Step step, InstallationGoal goal) {
        return switch (step) {
            case Step.Fetch _ -> limits.fetch();
            case Step.Run run -> commandDeadline(entry, run, goal);
            case Step.Unpack _,
                    Step.WriteSettings _,
                    Step.KeepOld _,
                    Step.CopyState _,
                    Step.RestoreOld _,
                    Step.Adopt _,
                    Step.Remove _,
                    Step.Forget _ -> limits.files();
        };
    }

    /** The operator's word counts first, then the package's, then the contract's (azure-contract 1.4). */
    private Duration commandDeadline(Entry entry, Step.Run run, InstallationGoal goal) {
        Duration asked = goal.terms().deadlines().get(run.command().text());
        if (asked != null) {
            return limits.stretched(asked);
        }
        try {
            return limits.stretched(folders.description(entry, run.code()).deadline(run.command()));
        } catch (IOException | RuntimeException unreadable) {
            // The step itself will say what is wrong with the folder.
            return limits.stretched(run.command().defaultDeadline());
        }
    }

    /** Carries out the step that the entry's intent names. */
    public StepResult carryOut(Entry entry, InstallationGoal goal, @Nullable PackageOffer offer) {
        return guarded(entry, intent -> switch (intent.step()) {
            case Step.Fetch _ -> arrivals.fetch(goal, offer);
            case Step.Unpack(Digest digest, String version) -> arrivals.unpack(entry, digest, version);
            case Step.WriteSettings(Slot slot, long sequence) -> writeSettings(entry, slot, sequence, goal);
            case Step.KeepOld _ -> {
                contract.keep(folder(entry, Slot.CURRENT), places.kept(entry.name()));
                yield StepResult.Done.PLAIN;
            }
            case Step.CopyState _ -> {
                contract.copyState(folder(entry, Slot.CURRENT), folder(entry, Slot.NEXT));
                yield StepResult.Done.PLAIN;
            }
            case Step.RestoreOld _ -> {
                contract.restore(places.kept(entry.name()), folder(entry, Slot.NEXT));
                yield StepResult.Done.PLAIN;
            }
            case Step.Run run -> calls.begin(entry, intent, run);
            case Step.Adopt _ -> StepResult.Done.PLAIN; // a matter of the journal alone
            case Step.Remove(Slot slot) -> {
                Folders.delete(folders.base(entry, entry.get(slot).version()));
                yield StepResult.Done.PLAIN;
            }
            case Step.Forget _ -> {
                Folders.delete(places.installation(entry.name()));
                yield StepResult.Done.PLAIN;
            }
        });
    }

    /** Continues after a restart of the agent: a command is found again, everything else is simply done again. */
    public StepResult resume(Entry entry, String boot) {
        return guarded(entry, intent -> {
            if (!(intent.step() instanceof Step.Run run)) {
                return new StepResult.NotBegun();
            }
            return calls.resume(entry, intent, run, boot);
        });
    }

    /** Ends this step soon: a command is killed with all that it started. The step's worker tells when it is done. */
    public void stop(String run) {
        running.stop(run);
    }

    /** What must not be cleared away. */
    public Janitor.InUse inUse(Collection<Entry> entries) {
        Set<String> runs = new HashSet<>();
        Set<Path> versions = new HashSet<>();
        Set<String> extensions = new HashSet<>();
        for (Entry entry : entries) {
            extensions.add(entry.extension());
            Intent intent = entry.intent();
            if (intent != null) {
                runs.add(intent.run());
            }
            for (Slot slot : Slot.values()) {
                entry.find(slot).ifPresent(deployed -> versions.add(folders.base(entry, deployed.version())));
            }
        }
        return new Janitor.InUse(runs, versions, extensions);
    }

    /** After the outcome of a command was written down nobody asks for its traces. */
    public void forget(String run) {
        running.forget(run);
        try {
            Folders.delete(places.run(run));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot delete the traces of {0}, ignoring: {1}", run, e.getMessage());
        }
    }

    private interface Work {
        StepResult carryOut(Intent intent) throws IOException, InterruptedException;
    }

    private StepResult guarded(Entry entry, Work work) {
        Intent intent = Objects.requireNonNull(entry.intent(), "no step was begun");
        String word = intent.step().word();
        running.enter(intent.run());
        try {
            return redacted(work.carryOut(intent));
        } catch (InterruptedException stopping) {
            if (running.isStopped(intent.run())) {
                return stopped(intent);
            }
            Thread.currentThread().interrupt();
            return new StepResult.NotBegun();
        } catch (IOException | RuntimeException e) {
            if (running.isStopped(intent.run())) {
                return stopped(intent); // whatever it was, it was because of that
            }
            LOG.log(System.Logger.Level.WARNING, "Step " + word + " of " + entry.name() + " failed: " + e);
            return redacted(new StepResult.Failed(causes.located(
                    Causes.of(word, subject(entry, intent.step()), e), places.installation(entry.name()))));
        } finally {
            running.leave(intent.run());
        }
    }

    /** Wherever the order to stop found it, nothing of a command is left when this returns. */
    private StepResult stopped(Intent intent) {
        running.leave(intent.run());
        if (intent.step() instanceof Step.Run) {
            try {
                calls.kill(intent.run());
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "Cannot end {0}: {1}", intent.run(), e.getMessage());
            }
        }
        return new StepResult.Stopped("");
    }

    /** Exceptions and files quote what they were given. */
    private StepResult redacted(StepResult result) {
        return switch (result) {
            case StepResult.Failed(Cause cause, @Nullable Integer code, String output) ->
                new StepResult.Failed(Causes.redacted(cause, guard::redact), code, output);
            case StepResult.TimedOut(Cause cause, String output) ->
                new StepResult.TimedOut(Causes.redacted(cause, guard::redact), output);
            case StepResult.Interrupted(Cause cause, String output) ->
                new StepResult.Interrupted(Causes.redacted(cause, guard::redact), output);
            case StepResult.Done _, StepResult.Stopped _, StepResult.NotBegun _ -> result;
        };
    }

    private static String subject(Entry entry, Step step) {
        String version = switch (step) {
            case Step.Unpack(var _, String unpacked) -> " " + unpacked;
            case Step.Run(Slot slot, var _, var _) -> " " + entry.get(slot).version();
            case Step.WriteSettings(Slot slot, long _) -> " " + entry.get(slot).version();
            case Step.Fetch _,
                    Step.KeepOld _,
                    Step.CopyState _,
                    Step.RestoreOld _,
                    Step.Adopt _,
                    Step.Remove _,
                    Step.Forget _ -> "";
        };
        return entry.extension() + version + " (installation " + entry.name() + ")";
    }

    private HandlerFolder folder(Entry entry, Slot slot) throws IOException {
        return folders.of(entry, slot, folders.description(entry, slot));
    }

    private StepResult writeSettings(Entry entry, Slot slot, long sequence, InstallationGoal goal) throws IOException {
        PackageDescription description = folders.description(entry, slot);
        Optional<Cause> refused = guard.refusesSettings(description, goal);
        if (refused.isPresent()) {
            return new StepResult.Failed(refused.get());
        }
        contract.writeSettings(
                folders.of(entry, slot, description),
                new Settings(sequence, goal.publicSettings(), goal.protectedSettings()));
        return StepResult.Done.PLAIN;
    }

    /** The agent starts: what handlers find beside their packages is written anew (azure-contract 1.6). */
    public void refresh(Entry entry) {
        for (Slot slot : Slot.values()) {
            if (entry.find(slot).isPresent()) {
                try {
                    contract.prepare(folder(entry, slot));
                } catch (IOException | RuntimeException e) {
                    // The next step on this folder says what is wrong with it.
                    LOG.log(System.Logger.Level.WARNING, "Cannot refresh the files of " + entry.name() + ": " + e);
                }
            }
        }
    }

    /** Deletes the traces of commands that no intent names. */
    public void forgetAllBut(Set<String> runs) throws IOException {
        Path all = places.run("x").resolveSibling("");
        if (!Files.isDirectory(all)) {
            return;
        }
        try (var found = Files.newDirectoryStream(all)) {
            for (Path run : found) {
                if (!runs.contains(run.getFileName().toString())) {
                    Folders.delete(run);
                }
            }
        }
    }
}
