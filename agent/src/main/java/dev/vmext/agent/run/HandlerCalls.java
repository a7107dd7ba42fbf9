package dev.vmext.agent.run;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.Call;
import dev.vmext.agent.contract.CallEnd;
import dev.vmext.agent.contract.HandlerContract;
import dev.vmext.agent.contract.HandlerFolder;
import dev.vmext.agent.host.HostCare;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.process.CommandLine;
import dev.vmext.agent.process.Measured;
import dev.vmext.agent.process.Outcome;
import dev.vmext.agent.process.OutputFile;
import dev.vmext.agent.process.Processes;
import dev.vmext.agent.process.RunningCommand;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusDetail;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One command of a handler from its beginning, or from where it is found again, to its end: what it is called with, how long it may
 * take, which limits it meets, and what its end means. Called by workers; each call returns when the command has ended.
 */
final class HandlerCalls {
    private static final System.Logger LOG = System.getLogger(HandlerCalls.class.getName());

    /** More than is reported: a secret that is cut in two at the front would not be recognised. */
    private static final int READ_OUTPUT = 4 * InstallationStatus.MAX_OUTPUT;

    private final Places places;
    private final HandlerContract contract;
    private final GatewayAccess gateway;
    private final Processes processes;
    private final SettingsGuard guard;
    private final InstantSource clock;
    private final HostCare care;
    private final RunningSteps running;
    private final CommandCauses causes;
    private final HandlerFolders folders;

    /** What changes in the reported detail by a run that ended and was not yet asked about. */
    private final Map<String, UnaryOperator<StatusDetail>> details = new ConcurrentHashMap<>();

    HandlerCalls(
            Places places,
            HandlerContract contract,
            GatewayAccess gateway,
            Processes processes,
            SettingsGuard guard,
            InstantSource clock,
            HostCare care,
            RunningSteps running,
            CommandCauses causes) {
        this.places = places;
        this.contract = contract;
        this.gateway = gateway;
        this.processes = processes;
        this.guard = guard;
        this.clock = clock;
        this.care = care;
        this.running = running;
        this.causes = causes;
        this.folders = new HandlerFolders(places);
    }

    StepResult begin(Entry entry, Intent intent, Step.Run run) throws IOException, InterruptedException {
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
        if (!description.execution().gateway().isEmpty()) {
            gateway.write(folder.config(), entry.name());
        }
        RestartWish.clear(folder.base());
        HostCare.Work work = work(entry, intent, run);
        CommandLine limited = care.begins(work, command);
        return await(entry, intent, run, start(work, limited), limited);
    }

    /** Finds a command again that an agent before this one had begun. */
    StepResult resume(Entry entry, Intent intent, Step.Run run, String boot) throws IOException, InterruptedException {
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
    }

    /** Kills a command with all that it started. */
    void kill(String run) throws IOException, InterruptedException {
        processes.attach(places.run(run)).kill();
    }

    /** What is to be reported about an installation after this run, beyond how it ended. Said once. */
    StatusDetail detail(String run, StatusDetail known) {
        UnaryOperator<StatusDetail> change = details.remove(run);
        return change == null ? known : change.apply(known);
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
        String wish = result instanceof StepResult.Done ? RestartWish.hear(folder.base()) : null;
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
                Cause cause = causes.vanished(ran, evidence, rebooted, memoryMark);
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

    private HandlerFolder folder(Entry entry, Slot slot) throws IOException {
        return folders.of(entry, slot, folders.description(entry, slot));
    }
}
