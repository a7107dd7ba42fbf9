package dev.vmext.agent.run;

import dev.vmext.agent.cause.LinuxHost;
import dev.vmext.agent.config.Folders;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.Call;
import dev.vmext.agent.contract.CallEnd;
import dev.vmext.agent.contract.HandlerContract;
import dev.vmext.agent.contract.HandlerFolder;
import dev.vmext.agent.contract.Settings;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.host.HostCare;
import dev.vmext.agent.host.Janitor;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.journal.Traits;
import dev.vmext.agent.process.CommandLine;
import dev.vmext.agent.process.Measured;
import dev.vmext.agent.process.Outcome;
import dev.vmext.agent.process.OutputFile;
import dev.vmext.agent.process.Processes;
import dev.vmext.agent.process.RunningCommand;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.signing.VerifiedPackage;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusDetail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The hands of the agent: carries out one step, however long it takes, and tells how it ended. It never throws and keeps nothing
 * between two steps. One virtual thread per installation calls it.
 */
public final class StepRunner {
    private static final System.Logger LOG = System.getLogger(StepRunner.class.getName());

    /** More than is reported: a secret that is cut in two at the front would not be recognised. */
    private static final int READ_OUTPUT = 4 * InstallationStatus.MAX_OUTPUT;

    private final Places places;
    private final PackageStore packages;
    private final HandlerContract contract;
    private final Processes processes;
    private final SettingsGuard guard;
    private final Limits limits;
    private final InstantSource clock;
    private final HandlerFolders folders;
    private final RunningSteps running = new RunningSteps();
    private final CommandCauses causes = new CommandCauses(new LinuxHost());
    private final HostCare care;

    /** What changes in the reported detail by a run that ended and was not yet asked about. */
    private final Map<String, UnaryOperator<StatusDetail>> details = new ConcurrentHashMap<>();

    /** A runner that takes no care of the machine. */
    public StepRunner(
            Places places,
            PackageStore packages,
            HandlerContract contract,
            Processes processes,
            SettingsGuard guard,
            Limits limits,
            InstantSource clock) {
        this(places, packages, contract, processes, guard, limits, clock, HostCare.none());
    }

    public StepRunner(
            Places places,
            PackageStore packages,
            HandlerContract contract,
            Processes processes,
            SettingsGuard guard,
            Limits limits,
            InstantSource clock,
            HostCare care) {
        this.places = places;
        this.packages = packages;
        this.contract = contract;
        this.processes = processes;
        this.guard = guard;
        this.limits = limits;
        this.clock = clock;
        this.folders = new HandlerFolders(places);
        this.care = care;
    }

    /** What is to be reported about an installation after this run, beyond how it ended. Said once. */
    public StatusDetail detail(String run, StatusDetail known) {
        UnaryOperator<StatusDetail> change = details.remove(run);
        return change == null ? known : change.apply(known);
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
            case Step.Fetch _ -> fetch(goal, offer);
            case Step.Unpack(var digest, String version) -> {
                VerifiedPackage verified = packages.verify(digest, entry.extension(), version);
                Optional<Cause> refused =
                        changedRelease(entry, version, digest).or(() -> guard.refusesPackage(verified.description()));
                if (refused.isEmpty()) {
                    refused = unfit(entry, version, verified);
                }
                if (refused.isPresent()) {
                    yield new StepResult.Failed(refused.get());
                }
                packages.unpack(verified, folders.base(entry, version));
                contract.prepare(folders.of(entry, version, verified.description()));
                yield new StepResult.Done(Traits.of(verified.description()), null, "");
            }
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
            case Step.Run run -> start(entry, intent, run);
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
            RunningCommand command = processes.attach(places.run(intent.run()));
            LOG.log(
                    System.Logger.Level.INFO,
                    "Found {0} of {1} again, process {2}",
                    run.command().text(),
                    entry.name(),
                    command.pid());
            care.resumed(work(entry, intent, run));
            StepResult result = await(entry, intent, run, command, null);
            // A power cut can take the traces of a command with it, which were never forced to the disk, but not what
            // it did.
            return result instanceof StepResult.NotBegun && !intent.boot().equals(boot)
                    ? new StepResult.Interrupted(
                            unknown(entry, run, "the machine was restarted when it was about to run or ran"), "")
                    : result;
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
                processes.attach(places.run(intent.run())).kill();
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

    /** Asked before the first touch. A return to what ran here before is never refused for the machine's sake. */
    private Optional<Cause> unfit(Entry entry, String version, VerifiedPackage verified) throws IOException {
        if (entry.returning() != null) {
            return Optional.empty();
        }
        return care.preflight(
                entry.extension() + " " + version,
                verified.description(),
                Files.size(verified.file()),
                folders.base(entry, version),
                places.handlerLogs(entry.extension()));
    }

    /** Unpacking it would also replace the folder of the one that runs. */
    private static Optional<Cause> changedRelease(Entry entry, String version, Digest digest) {
        Deployed current = entry.current();
        if (current == null
                || !current.version().equals(version)
                || current.digest().equals(digest)) {
            return Optional.empty();
        }
        return Optional.of(new Cause(
                CauseClass.PACKAGE,
                "verify",
                "cannot use package " + entry.extension() + " " + version
                        + ": this machine has that version with digest " + current.digest()
                        + ", and a published version never changes",
                "publish the change under a new version",
                Map.of("digest", digest.text(), "known", current.digest().text(), "version", version)));
    }

    private StepResult fetch(InstallationGoal goal, @Nullable PackageOffer offer)
            throws IOException, InterruptedException {
        PackageOffer offered = Objects.requireNonNull(offer, "a package is fetched only when it is offered");
        try {
            VerifiedPackage verified = packages.fetch(offered, limits.fetch());
            return guard.refusesPackage(verified.description())
                    .<StepResult>map(StepResult.Failed::new)
                    .orElse(StepResult.Done.PLAIN);
        } catch (IOException | RuntimeException e) {
            String subject = goal.extension() + " " + goal.version();
            return new StepResult.Failed(causes.located(Causes.of(fetchWord(e), subject, e), places.packages()));
        }
    }

    /** What came may be bad; what does not come was never looked at. */
    private static String fetchWord(Exception failed) {
        return failed instanceof PackageException || failed instanceof ProblemException ? "verify" : "fetch";
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

    private StepResult start(Entry entry, Intent intent, Step.Run run) throws IOException, InterruptedException {
        PackageDescription description = folders.description(entry, run.code());
        HandlerFolder folder = folders.of(entry, run.code(), description);
        Deployed deployed = entry.get(run.slot());
        Deployed current = entry.current();
        Path runFolder = places.run(intent.run());
        Places.makePrivate(runFolder);
        Call call = new Call(
                run.command(),
                deployed.settingsSequence(),
                deployed.version(),
                current == null ? deployed.version() : current.version(),
                deployed.oldDisableExit(),
                deployed.oldUninstallExit());
        CommandLine command = contract.command(folder, description, call, runFolder);
        contract.begins(folder, command);
        RestartWish.clear(folder.base());
        HostCare.Work work = work(entry, intent, run);
        CommandLine limited = care.begins(work, command);
        return await(entry, intent, run, start(work, limited), limited);
    }

    private RunningCommand start(HostCare.Work work, CommandLine command) throws IOException {
        try {
            return processes.start(command);
        } catch (IOException | RuntimeException e) {
            care.dropped(work);
            throw e;
        }
    }

    private StepResult await(
            Entry entry, Intent intent, Step.Run run, RunningCommand command, @Nullable CommandLine line)
            throws IOException, InterruptedException {
        Duration whole = Duration.between(intent.startedAt(), intent.deadline());
        Duration left = Duration.between(clock.instant(), intent.deadline());
        // The machine's clock may have been corrected meanwhile: a deadline becomes neither longer nor negative by
        // that.
        Duration atMost = left.compareTo(whole) > 0 ? whole : left.isNegative() ? Duration.ZERO : left;
        long memoryMark = causes.memoryMark();
        HostCare.Work work = work(entry, intent, run);
        AtomicReference<@Nullable Cause> exceeded = new AtomicReference<>();
        Optional<Outcome> outcome;
        boolean stopped = false;
        try {
            outcome = command.await(atMost, () -> {
                exceeded.set(care.exceeds(work).orElse(null));
                return exceeded.get() != null;
            });
        } catch (InterruptedException | IOException told) {
            if (!running.isStopped(intent.run())) {
                throw told; // the agent ends, the command goes on
            }
            stopped = true;
            outcome = Optional.empty();
        }
        // From here on nothing is in the way of an order any more: what is known of the command is written down.
        running.leave(intent.run());
        List<String> alive = List.of();
        if (outcome.isEmpty()) {
            alive = command.alive();
            command.kill();
        }
        Path output = places.run(intent.run()).resolve("output");
        String tail = guard.redact(OutputFile.tail(output, READ_OUTPUT));
        HandlerFolder folder = folder(entry, run.code());
        CommandCauses.Ran ran = new CommandCauses.Ran(
                run.word(), entry.extension(), folder.base(), line == null ? "" : line.text(), folder.logs());
        Cause limit = exceeded.get();
        StepResult result;
        // Gone without a reboot when its time was up: an agent before this one killed it and could not write that down.
        boolean killedBefore = atMost.isZero()
                && outcome.orElse(null) instanceof Outcome.Vanished(boolean rebooted, String _)
                && !rebooted;
        if (stopped) {
            result = new StepResult.Stopped(tail);
        } else if (outcome.isPresent() && !killedBefore) {
            result = ended(ran, outcome.get(), memoryMark, tail);
        } else if (limit != null) {
            result = new StepResult.Failed(limit, null, tail);
        } else {
            result = new StepResult.TimedOut(causes.timedOut(ran, whole, command.pid(), alive, tail), tail);
        }
        result = asking(cared(work, intent, command.measured(), result), folder);
        log(entry, run, line, result, tail);
        return result;
    }

    /** A limit that was met explains the end of a command better than its exit code does. */
    private StepResult cared(HostCare.Work work, Intent intent, Measured measured, StepResult result) {
        if (result instanceof StepResult.NotBegun) {
            care.dropped(work);
            return result;
        }
        HostCare.Outcome outcome = care.ended(work, measured, !(result instanceof StepResult.Done));
        details.put(intent.run(), outcome.detail());
        return result instanceof StepResult.Failed failed && outcome.exceeded().isPresent()
                ? new StepResult.Failed(outcome.exceeded().get(), failed.exitCode(), failed.output())
                : result;
    }

    private HostCare.Work work(Entry entry, Intent intent, Step.Run run) throws IOException {
        return new HostCare.Work(
                entry.name(),
                entry.extension(),
                run.command(),
                intent.run(),
                folders.description(entry, run.code()),
                List.of(places.installation(entry.name()), places.handlerLogs(entry.extension())));
    }

    /** With the restart of the machine that the handler asks for, if it does. */
    private StepResult asking(StepResult result, HandlerFolder folder) throws IOException {
        String wish = result instanceof StepResult.Done ? RestartWish.read(folder.base()) : null;
        return wish != null && result instanceof StepResult.Done done
                ? new StepResult.Done(done.traits(), done.exitCode(), done.output(), guard.redact(wish))
                : result;
    }

    private StepResult ended(CommandCauses.Ran ran, Outcome outcome, long memoryMark, String tail) {
        return switch (outcome) {
            case Outcome.Exited(int code) when code == 0 -> new StepResult.Done(null, 0, tail);
            case Outcome.Exited(int code) ->
                new StepResult.Failed(causes.exited(ran, code, tail, memoryMark), code, tail);
            case Outcome.Vanished(boolean rebooted, String evidence) -> {
                Cause cause = causes.vanished(ran, evidence, rebooted ? -1 : memoryMark);
                yield rebooted ? new StepResult.Interrupted(cause, tail) : new StepResult.Failed(cause, null, tail);
            }
            case Outcome.NotStarted _ -> new StepResult.NotBegun();
        };
    }

    private static Cause unknown(Entry entry, Step.Run run, String evidence) {
        return new Cause(
                CauseClass.HANDLER_CRASH,
                run.word(),
                "cannot tell what " + run.word() + " of " + entry.extension() + " did: " + evidence,
                "look at the handler's log, then ask for a rerun",
                Map.of("command", run.word(), "evidence", evidence));
    }

    private void log(Entry entry, Step.Run run, @Nullable CommandLine line, StepResult result, String tail)
            throws IOException {
        String outcome = switch (result) {
            case StepResult.Done _ -> "ended with exit code 0";
            case StepResult.Failed failed -> failed.cause().message();
            case StepResult.TimedOut timedOut -> timedOut.cause().message();
            case StepResult.Interrupted interrupted -> interrupted.cause().message();
            case StepResult.Stopped _ -> "was stopped, and all that it had started";
            case StepResult.NotBegun _ -> "never began";
        };
        LOG.log(System.Logger.Level.INFO, "{0} of {1}: {2}", run.command().text(), entry.name(), outcome);
        if (result instanceof StepResult.NotBegun) {
            return;
        }
        PackageDescription description = folders.description(entry, run.code());
        HandlerFolder code = folders.of(entry, run.code(), description);
        HandlerFolder owner = run.slot() == run.code() ? code : folder(entry, run.slot());
        contract.ended(
                code,
                owner,
                description,
                new CallEnd(
                        run.command(),
                        line != null
                                ? line.text()
                                : code.base() + " " + run.command().text() + " (found again)",
                        entry.get(run.slot()).settingsSequence(),
                        exitCode(result),
                        result instanceof StepResult.TimedOut,
                        outcome,
                        tail));
        contract.collectEvents(code);
    }

    private static @Nullable Integer exitCode(StepResult result) {
        return switch (result) {
            case StepResult.Done done -> done.exitCode();
            case StepResult.Failed failed -> failed.exitCode();
            case StepResult.TimedOut _, StepResult.Interrupted _, StepResult.Stopped _, StepResult.NotBegun _ -> null;
        };
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
