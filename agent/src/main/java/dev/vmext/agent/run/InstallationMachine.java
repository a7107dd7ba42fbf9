package dev.vmext.agent.run;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Hold;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Memory;
import dev.vmext.agent.journal.Purge;
import dev.vmext.agent.journal.RebootRequest;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.journal.Target;
import dev.vmext.agent.journal.Trial;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * What an installation becomes through each thing that can happen to it. One method per input; each takes an entry and returns the
 * next one, has an answer for every state, and may be given the same twice. Pure; any thread.
 *
 * <pre>
 *            goal
 *             v
 *          PENDING --await--> BLOCKED, WAITING_PACKAGE, WAITING_LEASE --(limit)--> TIMED_OUT --(it came)--> on
 *             | begin                                                   ^
 *             v                                                         | deadline of a step, overdue
 *   WAITING_PACKAGE > INSTALLING > ENABLING ---observe: success---> READY (healthy or not)
 *             |           |           |                               |  ^
 *             |           |           +--observe: error--+            |  | observe
 *             +-----------+--------------failed----------+            +--+
 *                                        v                            | goal: other version
 *                         cancel -->  FAILED <-- too early --- UPDATING --observe: healthy long enough--> READY
 *                                        ^                        | failed, unhealthy or cancelled: old one was stopped
 *   READY --goal: absent--> DISABLING > REMOVING > REMOVED        v
 *                               |           |       ^         UPDATING (returning) --observe--> RETURNED, version held
 *                               +-- failed -+--> FAILED           |                               | release, hold over
 *                                                   |             +-- fails too --> FAILED        v
 *   any state --reset-------> DISABLING > REMOVING --> PENDING    |                            PENDING
 *   any state --forceRemove-> DISABLING > REMOVING --> REMOVED    +-- retry (any failure) --> PENDING
 * </pre>
 *
 * Who ends each state: READY, RETURNED, FAILED, TIMED_OUT and REMOVED last until a new target, an order, or a new boot, which enables
 * again; RETURNED also until its hold is over. All others end by themselves. A step that runs has a deadline, and one that does not
 * answer after it is stopped (overdue). Without a step: PENDING has a turn or a time of the next try; BLOCKED, WAITING_PACKAGE and
 * WAITING_LEASE have what is left of the time that an operation may wait in all; ENABLING and UPDATING have the time in which a handler
 * must say that it succeeded (settleBy).
 */
public final class InstallationMachine {
    private InstallationMachine() {}

    /** An installation that was never seen before. */
    public static Entry wanted(InstallationGoal goal, long generation, Instant now) {
        return new Entry(
                goal.name(),
                goal.extension(),
                Target.of(goal),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Memory.NONE.withVersion(goal.version()).withBegun(now),
                Statuses.first(goal, generation, now));
    }

    /** A goal came. With the same target only the generation changes; another target ends every failure and every return. */
    public static Entry goal(Entry entry, InstallationGoal goal, long generation, Instant now) {
        Target target = Target.of(goal);
        Memory memory = entry.memory().withVersion(goal.version());
        if (target.equals(entry.target())) {
            return entry.with(memory).with(Statuses.generation(entry.status(), generation));
        }
        Purge purge = memory.purge();
        boolean otherPackage = !target.digest().equals(entry.target().digest());
        Memory next = memory.withBegun(now)
                .withEvicted(false)
                .withTrial(null)
                .withHold(otherPackage ? null : memory.hold())
                // What the owner takes away may come back with a new wish, from nothing.
                .withPurge(purge == null ? null : new Purge(false, purge.ignored()));
        Entry.Change change = entry.change()
                .target(target)
                .failure(null)
                .returning(null)
                .settleBy(null)
                .memory(next)
                .status(Statuses.restarted(entry.status(), generation, goal.sequence(), now));
        return entry.intent() == null ? takenOver(change.done()) : change.done();
    }

    /** A version that was to take over and got far, but is not wanted any more: what comes now is an update of it. */
    static Entry takenOver(Entry entry) {
        Deployed next = entry.next();
        boolean orphan = next != null
                && entry.current() == null
                && entry.returning() == null
                && entry.target().presence() == Presence.PRESENT
                && !next.digest().equals(entry.target().digest())
                && (next.installed() || next.updated());
        return orphan ? entry.change().current(next).next(null).previous(null).done() : entry;
    }

    /** An operator's order came with the goal. Each is carried out once. */
    public static Entry order(Entry entry, Order order, Instant now) {
        if (order.number() <= entry.memory().order()) {
            return entry;
        }
        Entry noted = entry.with(entry.memory().withOrder(order.number()));
        return switch (order.kind()) {
            case CANCEL -> cancel(noted, now);
            case RETRY -> retry(noted, now);
            case RESET -> reset(noted, now);
            case RELEASE -> release(noted, now);
        };
    }

    /** Stop what is under way. A step that runs is marked; whoever runs it kills it. */
    public static Entry cancel(Entry entry, Instant now) {
        return Orders.cancel(entry, now);
    }

    /** Forget the failure and try the same target again. */
    public static Entry retry(Entry entry, Instant now) {
        return Orders.retry(entry, now);
    }

    /** Take everything away, whatever goes wrong, and begin from nothing. */
    public static Entry reset(Entry entry, Instant now) {
        return Orders.reset(entry, now);
    }

    /** A held version may be tried again: an operator said so, or its time is over. */
    public static Entry release(Entry entry, Instant now) {
        return Orders.release(entry, now);
    }

    /** The machine's owner takes everything away and wants it to stay so. */
    public static Entry forceRemove(Entry entry, Instant now) {
        return Orders.forceRemove(entry, now);
    }

    /** A step is about to be done. */
    public static Entry begin(Entry entry, Step step, String run, Duration deadline, String boot, Instant now) {
        Failure failure = entry.failure();
        InstallationStatus status = entry.status();
        boolean newOperation = entry.memory().begun() == null
                || (failure == null && status.state().terminal());
        Entry.Change change = entry.change()
                .intent(new Intent(step, run, now, now.plus(deadline), boot, entry.target()))
                .memory(newOperation ? entry.memory().withBegun(now) : entry.memory());
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
        if (entry.target().presence() == Presence.ABSENT || entry.memory().purge() != null) {
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
            case Step.Adopt _ -> InstallationState.ENABLING;
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

    /** The machine's clock was set by that much: what is written down as times of day keeps its distance from now. */
    public static Entry clockSet(Entry entry, Duration step) {
        Memory memory = entry.memory();
        Instant begun = memory.begun();
        Trial trial = memory.trial();
        Hold hold = memory.hold();
        Failure failure = entry.failure();
        Instant retryAt = failure == null ? null : failure.retryAt();
        Instant by = entry.settleBy();
        Entry.Change change = entry.change()
                .settleBy(by == null ? null : by.plus(step))
                .memory(memory.withBegun(begun == null ? null : begun.plus(step))
                        .withTrial(
                                trial == null ? null : new Trial(trial.until().plus(step), trial.passed()))
                        .withHold(
                                hold == null
                                        ? null
                                        : new Hold(
                                                hold.version(),
                                                hold.digest(),
                                                hold.cause(),
                                                hold.until().plus(step))));
        return failure == null || retryAt == null
                ? change.done()
                : change.failure(new Failure(failure.state(), failure.cause(), retryAt.plus(step)))
                        .done();
    }

    /** The step that was begun has ended. */
    public static Entry ended(Entry entry, StepResult result, String boot, Duration settleLimit, Instant now) {
        return StepOutcome.of(entry, result, boot, settleLimit, now);
    }

    /** The step that was begun should have ended by its own deadline long ago: it is to be stopped. */
    public static Entry overdue(Entry entry, Instant now) {
        Intent intent = entry.intent();
        if (intent == null || intent.stop() != null) {
            return entry;
        }
        Cause cause = new Cause(
                CauseClass.TIMEOUT,
                intent.step().word(),
                "cannot " + intent.step().word() + " " + entry.name() + ": it did not end by " + intent.deadline(),
                "look at the agent's log and at the machine's disk, then ask for a retry",
                Map.of("deadline", intent.deadline().toString(), "run", intent.run()));
        Purge purge = entry.memory().purge();
        return purge != null
                ? entry.change().intent(intent.stopped(cause)).done()
                : Orders.stop(entry, new Failure(InstallationState.TIMED_OUT, cause, null), now);
    }

    /** The planner found that the target cannot be reached. */
    public static Entry giveUp(Entry entry, InstallationState state, Cause cause, Instant now) {
        return Surrender.of(entry.change().failure(null).done(), state, cause, now);
    }

    /** It waits for something outside of it, or is refused for as long as something outside of it stays as it is. */
    public static Entry await(Entry entry, InstallationState state, Cause cause, Instant now) {
        InstallationStatus status = entry.status();
        if (status.state() == state && cause.equals(status.cause())) {
            return entry;
        }
        boolean newOperation = entry.memory().begun() == null
                || (status.state().terminal() && status.state() != InstallationState.TIMED_OUT);
        return entry.with(newOperation ? entry.memory().withBegun(now) : entry.memory())
                .with(Statuses.waiting(status, state, cause, now));
    }

    /** It waits for its handler's word and nothing says until when: now something does. */
    public static Entry limit(Entry entry, Instant until) {
        return entry.change().settleBy(until).done();
    }

    /** Somebody looked at its handler's status and its probes. */
    public static Entry observe(Entry entry, HealthReading reading, Instant now) {
        return Health.observed(entry, reading, now);
    }

    /** The machine is about to be restarted for what its handler asked. */
    public static Entry restarting(Entry entry, Instant now) {
        RebootRequest request = entry.memory().reboot();
        return request == null || request.restartedAt() != null
                ? entry
                : entry.with(entry.memory().withReboot(request.restarted(now)));
    }

    /** The machine is in this boot: a restart that was asked for in another one has happened. */
    public static Entry rebooted(Entry entry, String boot, Instant now) {
        RebootRequest request = entry.memory().reboot();
        if (request == null || request.boot().equals(boot)) {
            return entry;
        }
        Entry on = entry.with(
                entry.memory().withReboot(null).withRebooted(request.work()).withBegun(now));
        InstallationStatus status = entry.status();
        boolean waited = status.state() == InstallationState.BLOCKED
                || (entry.failure() == null && status.state() == InstallationState.TIMED_OUT);
        return waited ? on.with(Statuses.moved(status, InstallationState.PENDING, now)) : on;
    }
}
