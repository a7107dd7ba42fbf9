package dev.vmext.agent.run;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Memory;
import dev.vmext.agent.journal.Previous;
import dev.vmext.agent.journal.Purge;
import dev.vmext.agent.journal.RebootRequest;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.journal.Traits;
import dev.vmext.agent.journal.Trial;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.Reboot;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the end of a step makes of an installation. Pure. */
final class StepOutcome {
    /** A machine that goes down three times during one step goes down because of it. */
    private static final int MAX_RESTARTS = 3;

    private StepOutcome() {}

    static Entry of(Entry entry, StepResult result, String boot, Duration settleLimit, Instant now) {
        Intent intent = Objects.requireNonNull(entry.intent(), "a step ended that was not begun");
        Entry idle = entry.change().intent(null).done();
        if (idle.memory().purge() != null) {
            return purging(idle, intent, result, boot, settleLimit, now);
        }
        if (intent.stop() != null) {
            return stopped(idle, intent, result, boot, settleLimit, now);
        }
        boolean outdated = !intent.target().equals(entry.target());
        if (outdated && !(result instanceof StepResult.Done)) {
            return InstallationMachine.takenOver(idle);
        }
        Entry after = switch (result) {
            case StepResult.NotBegun _ -> idle;
            case StepResult.Done done -> succeeded(idle, intent.step(), done, boot, settleLimit, now);
            case StepResult.Failed failed ->
                failed(
                        told(idle, failed.exitCode(), failed, now),
                        intent.step(),
                        InstallationState.FAILED,
                        failed.cause(),
                        failed.exitCode(),
                        now);
            case StepResult.TimedOut timedOut ->
                failed(
                        told(idle, null, timedOut, now),
                        intent.step(),
                        InstallationState.TIMED_OUT,
                        timedOut.cause(),
                        null,
                        now);
            case StepResult.Interrupted interrupted -> interrupted(entry, idle, intent, interrupted, now);
            // Nobody asked for it, so it is an agent's worker that went away: done again.
            case StepResult.Stopped _ -> idle;
        };
        return outdated ? InstallationMachine.takenOver(after) : after;
    }

    private static Entry told(Entry entry, @Nullable Integer exitCode, StepResult result, Instant now) {
        return entry.with(Statuses.output(entry.status(), exitCode, result.output(), now));
    }

    /** It was told to end. What it did counts; the failure says what the order meant, unless a new target took it back. */
    private static Entry stopped(
            Entry idle, Intent intent, StepResult result, String boot, Duration settleLimit, Instant now) {
        Failure why = idle.failure();
        Entry begun = idle.change().failure(null).done();
        Entry after = result instanceof StepResult.Done done
                ? succeeded(begun, intent.step(), done, boot, settleLimit, now)
                : halfDone(told(begun, null, result, now), intent.step());
        return why == null ? InstallationMachine.takenOver(after) : Surrender.of(after, why.state(), why.cause(), now);
    }

    /** Nobody knows what a disable that was cut off left running: it is enabled again by whoever needs it. */
    private static Entry halfDone(Entry entry, Step step) {
        return step instanceof Step.Run(Slot slot, HandlerCommand command, Slot _)
                        && command == HandlerCommand.DISABLE
                        && entry.find(slot).isPresent()
                ? entry.with(slot, entry.get(slot).withDisabled())
                : entry;
    }

    /** Everything is on its way out: what goes wrong is noted and passed over. */
    private static Entry purging(
            Entry idle, Intent intent, StepResult result, String boot, Duration settleLimit, Instant now) {
        Step step = intent.step();
        if (result instanceof StepResult.NotBegun) {
            return idle;
        }
        if (result instanceof StepResult.Done done) {
            return succeeded(idle, step, done, boot, settleLimit, now);
        }
        boolean leaving = step instanceof Step.Forget
                || step instanceof Step.Remove
                || (step instanceof Step.Run(Slot _, HandlerCommand command, Slot _)
                        && (command == HandlerCommand.DISABLE || command == HandlerCommand.UNINSTALL));
        if (!leaving || intent.stop() != null) {
            return halfDone(idle, step); // it was cut off to make room, or a step of the way that was left
        }
        Purge purge = Objects.requireNonNull(idle.memory().purge());
        Entry noted = told(
                idle.with(idle.memory().withPurge(purge.ignoring(step.word() + ": " + why(result)))),
                result instanceof StepResult.Failed failed ? failed.exitCode() : null,
                result,
                now);
        return switch (step) {
            case Step.Remove(Slot slot) -> noted.with(slot, null);
            case Step.Forget _ -> forgotten(noted, now);
            case Step.Run(Slot slot, HandlerCommand command, Slot _) ->
                command == HandlerCommand.DISABLE
                        ? leaving(noted, slot, Deployed.NOT_RUN, null)
                        : leaving(noted, slot, null, Deployed.NOT_RUN);
            case Step.Fetch _,
                    Step.Unpack _,
                    Step.WriteSettings _,
                    Step.KeepOld _,
                    Step.CopyState _,
                    Step.RestoreOld _,
                    Step.Adopt _ -> noted;
        };
    }

    private static String why(StepResult result) {
        return switch (result) {
            case StepResult.Failed failed -> failed.cause().message();
            case StepResult.TimedOut timedOut -> timedOut.cause().message();
            case StepResult.Interrupted interrupted -> interrupted.cause().message();
            case StepResult.Stopped _ -> "it was stopped";
            case StepResult.Done _, StepResult.NotBegun _ -> "";
        };
    }

    private static Entry interrupted(
            Entry entry, Entry idle, Intent intent, StepResult.Interrupted interrupted, Instant now) {
        boolean once = intent.step() instanceof Step.Run(Slot slot, HandlerCommand command, Slot _)
                && command == HandlerCommand.ENABLE
                && entry.get(slot).traits().oneShot();
        if (once || entry.status().attempt() >= MAX_RESTARTS) {
            return failed(
                    told(idle, null, interrupted, now),
                    intent.step(),
                    InstallationState.FAILED,
                    interrupted.cause(),
                    null,
                    now);
        }
        // Install and enable may be repeated by contract; that it was tried before is counted.
        return idle.with(Statuses.attempt(idle.status(), entry.status().attempt() + 1));
    }

    private static Entry succeeded(
            Entry entry, Step step, StepResult.Done done, String boot, Duration settleLimit, Instant now) {
        return switch (step) {
            case Step.Fetch _ -> entry;
            case Step.Unpack(var digest, String version) ->
                entry.change()
                        .next(Deployed.unpacked(version, digest, Objects.requireNonNull(done.traits(), "no traits")))
                        .done();
            case Step.WriteSettings(Slot slot, long sequence) ->
                entry.with(slot, entry.get(slot).withSettings(sequence));
            case Step.KeepOld _ -> {
                Deployed old = entry.get(Slot.CURRENT);
                yield entry.change()
                        .previous(new Previous(old.version(), old.digest(), old.settingsSequence()))
                        .done();
            }
            case Step.CopyState _ -> entry.with(Slot.NEXT, entry.get(Slot.NEXT).withStateCopied());
            case Step.RestoreOld _ ->
                entry.with(
                        Slot.NEXT,
                        entry.get(Slot.NEXT)
                                .withSettings(
                                        Objects.requireNonNull(entry.previous()).sequence()));
            case Step.Run run -> ran(entry, run, done, boot, settleLimit, now);
            case Step.Adopt(Slot slot) -> enabled(entry, slot, boot, settleLimit, now);
            case Step.Remove(Slot slot) -> removed(entry, slot);
            case Step.Forget _ -> forgotten(entry, now);
        };
    }

    private static Entry removed(Entry entry, Slot slot) {
        Entry without = entry.with(slot, null);
        Previous previous = entry.previous();
        boolean nothingReplaced = slot == Slot.NEXT
                && entry.returning() == null
                && previous != null
                && entry.current() != null
                && entry.current().enabled();
        return nothingReplaced ? without.change().previous(null).done() : without;
    }

    /** Nothing is left on the machine. */
    private static Entry forgotten(Entry entry, Instant now) {
        Memory memory = entry.memory();
        Purge purge = memory.purge();
        Entry.Change change = entry.change()
                .current(null)
                .next(null)
                .previous(null)
                .returning(null)
                .failure(null)
                .settleBy(null);
        Memory kept = Memory.NONE
                .withVersion(memory.version())
                .withOrder(memory.order())
                .withReboot(memory.reboot())
                .withRebooted(memory.rebooted());
        if (purge == null) {
            return change.memory(kept)
                    .status(Statuses.removed(entry.status(), null, now))
                    .done();
        }
        if (purge.byOwner()) {
            return change.memory(kept.withEvicted(true))
                    .status(Statuses.removed(entry.status(), Orders.evicted(entry.name(), purge), now))
                    .done();
        }
        String told = purge.ignored().isEmpty()
                ? "everything was taken away\n"
                : "everything was taken away; passed over: " + String.join("; ", purge.ignored()) + "\n";
        return change.memory(kept.withBegun(now))
                .status(Statuses.fresh(entry.status(), told, now))
                .done();
    }

    private static Entry ran(
            Entry entry, Step.Run run, StepResult.Done done, String boot, Duration settleLimit, Instant now) {
        Deployed deployed = entry.get(run.slot());
        String code = String.valueOf(done.exitCode());
        InstallationStatus status = Statuses.output(entry.status(), done.exitCode(), done.output(), now);
        Entry after = switch (run.command()) {
            case INSTALL -> entry.with(run.slot(), deployed.withInstalled(true)).with(status);
            case UPDATE -> entry.with(run.slot(), deployed.withUpdated()).with(status);
            case DISABLE -> leaving(entry, run.slot(), code, null).with(status);
            case UNINSTALL -> leaving(entry, run.slot(), null, code).with(status);
            case ENABLE -> {
                Entry enabled = enabled(entry.with(status), run.slot(), boot, settleLimit, now);
                yield deployed.traits().oneShot()
                        ? enabled.with(enabled.memory().withRan(deployed.settingsSequence()))
                        : enabled;
            }
        };
        return asksForRestart(after, run, done.reboot(), boot);
    }

    private static Entry enabled(Entry entry, Slot slot, String boot, Duration settleLimit, Instant now) {
        return entry.with(slot, entry.get(slot).withEnabled(boot))
                .change()
                .settleBy(now.plus(settleLimit))
                .status(Statuses.handler(entry.status(), null))
                .done();
    }

    /** A package that needs a restart gets it before its enable; one that may ask gets it when it asks; the same work once. */
    private static Entry asksForRestart(Entry entry, Step.Run run, @Nullable String asked, String boot) {
        Deployed deployed = entry.get(run.slot());
        Traits traits = deployed.traits();
        boolean justInstalled = run.command() == HandlerCommand.INSTALL
                || (run.command() == HandlerCommand.UPDATE && !traits.installsOnUpdate());
        String reason = asked != null
                ? asked
                : traits.reboot() == Reboot.REQUIRED && justInstalled
                        ? "its package says that the machine must restart after " + run.word()
                        : null;
        String work = deployed.digest().text() + " " + run.word() + " " + deployed.settingsSequence();
        boolean again = work.equals(entry.memory().rebooted());
        return reason == null || traits.reboot() == Reboot.NEVER || again
                ? entry
                : entry.with(entry.memory().withReboot(new RebootRequest(work, reason, boot, null)));
    }

    /** The handler was disabled or uninstalled; the exit code is remembered for the version that takes over. */
    private static Entry leaving(Entry entry, Slot slot, @Nullable String disableExit, @Nullable String uninstallExit) {
        Deployed deployed = entry.get(slot);
        Entry.Change change = entry.change();
        Deployed after = disableExit != null ? deployed.withDisabled() : deployed.withInstalled(false);
        if (slot == Slot.CURRENT) {
            change.current(after);
            Deployed next = entry.next();
            if (next != null) {
                change.next(next.withOldExits(
                        disableExit != null ? disableExit : next.oldDisableExit(),
                        uninstallExit != null ? uninstallExit : next.oldUninstallExit()));
            }
        } else {
            change.next(after);
        }
        return change.done();
    }

    private static Entry failed(
            Entry entry, Step step, InstallationState state, Cause cause, @Nullable Integer exitCode, Instant now) {
        if (step instanceof Step.Run run && mayFail(entry, run)) {
            String code = exitCode == null ? Deployed.NOT_RUN : String.valueOf(exitCode);
            return run.command() == HandlerCommand.DISABLE
                    ? leaving(entry, run.slot(), code, null)
                    : leaving(entry, run.slot(), null, code);
        }
        Instant retryAt = entry.returning() != null ? null : retryAt(entry, step, now);
        if (retryAt != null) {
            return entry.change()
                    .failure(new Failure(state, cause, retryAt))
                    .status(Statuses.waiting(entry.status(), InstallationState.PENDING, cause, now))
                    .done();
        }
        boolean oldHalfStopped = step instanceof Step.Run(Slot slot, HandlerCommand command, Slot _)
                && slot == Slot.CURRENT
                && command == HandlerCommand.DISABLE
                && entry.target().presence() == Presence.PRESENT;
        return Surrender.of(oldHalfStopped ? halfDone(entry, step) : entry, state, cause, now);
    }

    /** Whether the contract goes on after this failure. */
    private static boolean mayFail(Entry entry, Step.Run run) {
        boolean stops = run.command() == HandlerCommand.DISABLE || run.command() == HandlerCommand.UNINSTALL;
        if (!stops) {
            return false;
        }
        if (entry.target().presence() == Presence.ABSENT) {
            return run.command() == HandlerCommand.UNINSTALL;
        }
        if (run.slot() == Slot.NEXT || entry.returning() != null) {
            // A version that is thrown away: what counts is that the other one comes back.
            return true;
        }
        Trial trial = entry.memory().trial();
        if (trial != null && trial.passed()) {
            return true; // the new version proved itself beside the old one and must not suffer from its end
        }
        Deployed next = entry.next();
        return next != null && next.traits().continuesOnUpdateFailure();
    }

    private static @Nullable Instant retryAt(Entry entry, Step step, Instant now) {
        if (!(step instanceof Step.Run run) || run.command() == HandlerCommand.UPDATE) {
            return null;
        }
        var traits = entry.get(run.slot()).traits();
        int attempt = entry.status().attempt();
        return attempt < traits.attempts() ? now.plus(traits.delayAfter(attempt)) : null;
    }
}
