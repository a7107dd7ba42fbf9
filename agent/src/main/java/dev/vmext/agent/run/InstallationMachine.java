package dev.vmext.agent.run;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Previous;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.journal.Target;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusWord;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an installation becomes through each thing that can happen to it. One method per input; each takes an entry and returns the
 * next one, and has an answer for every state. Pure; any thread.
 *
 * <pre>
 *            goal
 *             v
 *          PENDING --await--> BLOCKED, WAITING_PACKAGE --(limit)--> TIMED_OUT --(it came)--> on
 *             | begin                                                   ^
 *             v                                                         | deadline of a step
 *   WAITING_PACKAGE > INSTALLING > ENABLING ---observe: success---> READY (healthy or not)
 *             |           |           |                               |  ^
 *             |           |           +--observe: error--+            |  | observe
 *             +-----------+--------------failed----------+            +--+
 *                                        v                            | goal: other version
 *                                     FAILED <-- too early --- UPDATING --observe: success--> READY
 *                                        ^                        | failed, old one was stopped
 *   READY --goal: absent--> DISABLING > REMOVING > REMOVED        v
 *                               |           |                 UPDATING (returning) --observe--> RETURNED
 *                               +-- failed -+--> FAILED
 * </pre>
 *
 * READY, RETURNED, FAILED, TIMED_OUT and REMOVED are left by a new target only (READY also by a new boot, which enables again). Every
 * other state ends by itself: a step has a deadline, waiting has a limit, and so has the time an enabled handler takes to succeed.
 */
public final class InstallationMachine {
    /** A machine that goes down three times during one step goes down because of it. */
    private static final int MAX_RESTARTS = 3;

    private InstallationMachine() {}

    /** An installation that was never seen before. */
    public static Entry wanted(InstallationGoal goal, long generation, Instant now) {
        InstallationStatus status = new InstallationStatus(
                goal.name(),
                goal.extension(),
                null,
                InstallationState.PENDING,
                generation,
                goal.sequence(),
                false,
                null,
                null,
                "",
                null,
                1,
                now,
                now);
        return new Entry(
                goal.name(), goal.extension(), Target.of(goal), null, null, null, null, null, null, null, status);
    }

    /** A goal came. With the same target only the generation changes; another target ends every failure and every return. */
    public static Entry goal(Entry entry, InstallationGoal goal, long generation, Instant now) {
        Target target = Target.of(goal);
        if (target.equals(entry.target())) {
            return entry.with(Statuses.generation(entry.status(), generation));
        }
        Entry.Change change = entry.change()
                .target(target)
                .failure(null)
                .returning(null)
                .settleBy(null)
                .status(Statuses.restarted(entry.status(), generation, goal.sequence(), now));
        return entry.intent() == null ? takenOver(change.done()) : change.done();
    }

    /** A version that was to take over and got far, but is not wanted any more: what comes now is an update of it. */
    private static Entry takenOver(Entry entry) {
        Deployed next = entry.next();
        boolean orphan = next != null
                && entry.current() == null
                && entry.returning() == null
                && entry.target().presence() == Presence.PRESENT
                && !next.digest().equals(entry.target().digest())
                && (next.installed() || next.updated());
        return orphan ? entry.change().current(next).next(null).previous(null).done() : entry;
    }

    /** A step is about to be done. */
    public static Entry begin(Entry entry, Step step, String run, Duration deadline, String boot, Instant now) {
        Failure failure = entry.failure();
        Entry.Change change =
                entry.change().intent(new Intent(step, run, now, now.plus(deadline), boot, entry.target()));
        InstallationStatus status = entry.status();
        if (failure != null && failure.retryAt() != null) {
            change.failure(null);
            status = Statuses.attempt(status, status.attempt() + 1);
        } else if (status.state() == InstallationState.READY) {
            status = Statuses.attempt(status, 1);
        }
        InstallationState shown = failure != null && failure.retryAt() == null
                ? status.state()
                : stateDuring(entry, step, status.state());
        return change.status(Statuses.moved(status, shown, now)).done();
    }

    private static InstallationState stateDuring(Entry entry, Step step, InstallationState before) {
        if (entry.target().presence() == Presence.ABSENT) {
            return step instanceof Step.Run(Slot _, HandlerCommand command, Slot _) && command == HandlerCommand.DISABLE
                    ? InstallationState.DISABLING
                    : InstallationState.REMOVING;
        }
        boolean updating = entry.returning() != null || entry.previous() != null || bothSlots(entry, step);
        if (updating) {
            return InstallationState.UPDATING;
        }
        return switch (step) {
            case Step.Fetch _ -> InstallationState.WAITING_PACKAGE;
            case Step.Run(Slot _, HandlerCommand command, Slot _)
            when command == HandlerCommand.ENABLE -> InstallationState.ENABLING;
            case Step.WriteSettings(Slot slot, long _) when entry.get(slot).installed() -> InstallationState.ENABLING;
            case Step.Unpack _,
                    Step.WriteSettings _,
                    Step.KeepOld _,
                    Step.CopyState _,
                    Step.RestoreOld _,
                    Step.Run _,
                    Step.Remove _,
                    Step.Forget _ -> before == InstallationState.UPDATING ? before : InstallationState.INSTALLING;
        };
    }

    private static boolean bothSlots(Entry entry, Step step) {
        return entry.current() != null
                && (entry.next() != null || step instanceof Step.Fetch || step instanceof Step.Unpack);
    }

    /** The step that was begun has ended. */
    public static Entry ended(Entry entry, StepResult result, String boot, Duration settleLimit, Instant now) {
        Intent intent = Objects.requireNonNull(entry.intent(), "a step ended that was not begun");
        Entry idle = entry.change().intent(null).done();
        boolean outdated = !intent.target().equals(entry.target());
        if (outdated && !(result instanceof StepResult.Done)) {
            return takenOver(idle);
        }
        Entry after = switch (result) {
            case StepResult.NotBegun _ -> idle;
            case StepResult.Done done -> succeeded(idle, intent.step(), done, boot, settleLimit, now);
            case StepResult.Failed failed ->
                failed(
                        idle.with(Statuses.output(idle.status(), failed.exitCode(), failed.output(), now)),
                        intent.step(),
                        InstallationState.FAILED,
                        failed.cause(),
                        failed.exitCode(),
                        now);
            case StepResult.TimedOut timedOut ->
                failed(
                        idle.with(Statuses.output(idle.status(), null, timedOut.output(), now)),
                        intent.step(),
                        InstallationState.TIMED_OUT,
                        timedOut.cause(),
                        null,
                        now);
            case StepResult.Interrupted interrupted -> interrupted(entry, idle, intent, interrupted, now);
        };
        return outdated ? takenOver(after) : after;
    }

    private static Entry interrupted(
            Entry entry, Entry idle, Intent intent, StepResult.Interrupted interrupted, Instant now) {
        boolean once = intent.step() instanceof Step.Run(Slot slot, HandlerCommand command, Slot _)
                && command == HandlerCommand.ENABLE
                && entry.get(slot).traits().oneShot();
        if (once || entry.status().attempt() >= MAX_RESTARTS) {
            return failed(
                    idle.with(Statuses.output(idle.status(), null, interrupted.output(), now)),
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
            case Step.Remove(Slot slot) -> removed(entry, slot);
            case Step.Forget _ ->
                entry.change()
                        .previous(null)
                        .returning(null)
                        .failure(null)
                        .status(Statuses.removed(entry.status(), now))
                        .done();
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

    private static Entry ran(
            Entry entry, Step.Run run, StepResult.Done done, String boot, Duration settleLimit, Instant now) {
        Deployed deployed = entry.get(run.slot());
        String code = String.valueOf(done.exitCode());
        InstallationStatus status = Statuses.output(entry.status(), done.exitCode(), done.output(), now);
        return switch (run.command()) {
            case INSTALL -> entry.with(run.slot(), deployed.withInstalled(true)).with(status);
            case UPDATE -> entry.with(run.slot(), deployed.withUpdated()).with(status);
            case DISABLE -> stopped(entry, run.slot(), code, null).with(status);
            case UNINSTALL -> stopped(entry, run.slot(), null, code).with(status);
            case ENABLE ->
                entry.with(run.slot(), deployed.withEnabled(boot))
                        .change()
                        .settleBy(now.plus(settleLimit))
                        .status(Statuses.handler(status, null))
                        .done();
        };
    }

    /** The handler was disabled or uninstalled; the exit code is remembered for the version that takes over. */
    private static Entry stopped(Entry entry, Slot slot, @Nullable String disableExit, @Nullable String uninstallExit) {
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
                    ? stopped(entry, run.slot(), code, null)
                    : stopped(entry, run.slot(), null, code);
        }
        if (entry.returning() != null) {
            Cause both = new Cause(
                    cause.kind(),
                    cause.step(),
                    cause.message() + "; this was tried because: "
                            + entry.returning().message(),
                    cause.hint(),
                    cause.evidence());
            return givenUp(entry.change().returning(null).done(), new Failure(state, both, null), now);
        }
        Instant retryAt = retryAt(entry, step, now);
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
        // Nobody knows what a failed disable left running: the old version is enabled again.
        Entry stopped = oldHalfStopped
                ? entry.with(Slot.CURRENT, entry.get(Slot.CURRENT).withDisabled())
                : entry;
        if (canReturn(stopped)) {
            return stopped.change().returning(cause).settleBy(null).done();
        }
        return givenUp(entry, new Failure(state, cause, null), now);
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

    /** Whether an old version was stopped for the new one, so that something runs again only by going back. */
    private static boolean canReturn(Entry entry) {
        Previous previous = entry.previous();
        Deployed current = entry.current();
        return entry.target().presence() == Presence.PRESENT
                && previous != null
                && !previous.digest().equals(activeUnlessStopped(current));
    }

    private static @Nullable Object activeUnlessStopped(@Nullable Deployed current) {
        return current != null && current.enabled() ? current.digest() : null;
    }

    private static Entry givenUp(Entry entry, Failure failure, Instant now) {
        return entry.change()
                .failure(failure)
                .settleBy(null)
                .status(Statuses.waiting(entry.status(), failure.state(), failure.cause(), now))
                .done();
    }

    /** The planner found that the target cannot be reached. */
    public static Entry giveUp(Entry entry, InstallationState state, Cause cause, Instant now) {
        if (entry.returning() == null && canReturn(entry)) {
            return entry.change().returning(cause).settleBy(null).done();
        }
        return givenUp(entry.change().returning(null).done(), new Failure(state, cause, null), now);
    }

    /** It waits for something outside of it. */
    public static Entry await(Entry entry, InstallationState state, Cause cause, Instant now) {
        boolean same =
                entry.status().state() == state && cause.equals(entry.status().cause());
        return same ? entry : entry.with(Statuses.waiting(entry.status(), state, cause, now));
    }

    /** Somebody looked at its handler's status and its probes. */
    public static Entry observe(Entry entry, HealthReading reading, Instant now) {
        if (entry.intent() != null || entry.active().filter(Deployed::enabled).isEmpty()) {
            return entry; // between two commands nothing that is seen says anything
        }
        InstallationStatus status = Statuses.handler(entry.status(), reading.status());
        Entry seen = entry.with(status);
        if (entry.failure() != null && entry.failure().state() != InstallationState.RETURNED) {
            return seen.status().equals(entry.status()) ? entry : seen;
        }
        Cause unhealthy = unhealthy(entry, reading);
        boolean settled = entry.failure() != null || status.state() == InstallationState.READY;
        if (settled) {
            return seen.with(Statuses.health(
                    status,
                    unhealthy == null && status.state() == InstallationState.READY,
                    shownCause(entry, unhealthy),
                    now));
        }
        if (!awaited(entry)) {
            return seen;
        }
        if (reading.malformed() != null) {
            return giveUp(seen, InstallationState.FAILED, reading.malformed(), now);
        }
        HandlerStatus handler = reading.status();
        if (handler == null || handler.status() == StatusWord.TRANSITIONING) {
            return seen;
        }
        if (handler.status() == StatusWord.ERROR) {
            return giveUp(seen, InstallationState.FAILED, Objects.requireNonNull(unhealthy), now);
        }
        return reading.probesDecided() ? settle(seen, unhealthy, now) : seen;
    }

    /** Whether the handler in charge is the one that the target, or the return, asks for. */
    private static boolean awaited(Entry entry) {
        Deployed active = entry.active().orElseThrow();
        if (active.enabledSequence() != active.settingsSequence()) {
            return false;
        }
        Previous previous = entry.previous();
        if (entry.returning() != null) {
            return previous != null && active.digest().equals(previous.digest());
        }
        return entry.target().presence() == Presence.PRESENT
                && active.digest().equals(entry.target().digest())
                && active.enabledSequence() >= entry.target().sequence();
    }

    private static @Nullable Cause shownCause(Entry entry, @Nullable Cause unhealthy) {
        Failure failure = entry.failure();
        return failure != null ? failure.cause() : unhealthy;
    }

    private static Entry settle(Entry entry, @Nullable Cause unhealthy, Instant now) {
        Entry.Change change = entry.change().previous(null).settleBy(null);
        if (entry.next() != null) {
            change.current(entry.next()).next(null);
        }
        Cause returning = entry.returning();
        if (returning != null) {
            return change.returning(null)
                    .failure(new Failure(InstallationState.RETURNED, returning, null))
                    .status(Statuses.waiting(entry.status(), InstallationState.RETURNED, returning, now))
                    .done();
        }
        return change.failure(null)
                .status(Statuses.health(
                        Statuses.moved(entry.status(), InstallationState.READY, now),
                        unhealthy == null,
                        unhealthy,
                        now))
                .done();
    }

    private static @Nullable Cause unhealthy(Entry entry, HealthReading reading) {
        if (reading.malformed() != null) {
            return reading.malformed();
        }
        HandlerStatus handler = reading.status();
        if (handler == null) {
            return new Cause(
                    CauseClass.HANDLER_STATUS,
                    "enable",
                    "the handler of " + entry.name() + " has written no status file",
                    "look at the handler's log",
                    Map.of());
        }
        if (handler.status() != StatusWord.SUCCESS) {
            return new Cause(
                    CauseClass.HANDLER_STATUS,
                    "enable",
                    "the handler of " + entry.name() + " reports "
                            + handler.status().wire() + ": " + handler.message(),
                    "look at the message and at the handler's log",
                    Map.of("code", handler.code()));
        }
        return reading.probe();
    }
}
