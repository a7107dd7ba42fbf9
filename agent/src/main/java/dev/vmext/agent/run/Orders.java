package dev.vmext.agent.run;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Memory;
import dev.vmext.agent.journal.Purge;
import dev.vmext.agent.journal.Slot;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What operators and the machine's owner may order at any time, whatever state an installation is in. Each may be given twice without
 * harm. Pure.
 *
 * <pre>
 *               a step runs               waits, settles            at rest (ready, failed ...)
 * cancel        killed, then as right     returned or failed        nothing to cancel
 * retry         it goes on                begins anew               a failure is forgotten, same target
 * reset         killed, then as right     all is taken away, whatever commands say; then from nothing
 * release       -                         -                         a held version is tried again
 * force-remove  killed, then as right     all is taken away, whatever commands say; stays away
 * </pre>
 */
final class Orders {
    private Orders() {}

    /** Stops what is under way; an update that stopped the version before goes back to it. */
    static Entry cancel(Entry entry, Instant now) {
        Cause cause = new Cause(
                CauseClass.CANCELLED,
                entry.intent() == null ? "wait" : entry.intent().step().word(),
                "an operator cancelled what was being done for " + entry.name(),
                "ask for a retry, or change what is wanted",
                Map.of("order", "cancel"));
        return stop(entry, new Failure(InstallationState.FAILED, cause, null), now);
    }

    /** Ends what is under way with this failure: the step, if one runs, is to be killed, and its end does the rest. */
    static Entry stop(Entry entry, Failure why, Instant now) {
        Memory memory = entry.memory();
        Purge purge = memory.purge();
        if (purge != null && purge.byOwner()) {
            return entry; // the machine's owner outranks the operator
        }
        Entry left = entry.with(memory.withPurge(null));
        Intent intent = entry.intent();
        if (intent != null) {
            boolean atRest = entry.failure() != null && entry.failure().retryAt() == null;
            return left.change()
                    .intent(intent.stopped(why.cause()))
                    .failure(atRest ? entry.failure() : why)
                    .done();
        }
        return underWay(entry) ? Surrender.of(left.change().failure(null).done(), why.state(), why.cause(), now) : left;
    }

    /** Whether something would still happen by itself. */
    private static boolean underWay(Entry entry) {
        boolean waitsBeyondItsLimit = entry.failure() == null && entry.status().state() == InstallationState.TIMED_OUT;
        boolean refusedForNow = entry.failure() == null && entry.status().state() == InstallationState.FAILED;
        return entry.memory().purge() != null
                || !entry.status().state().terminal()
                || waitsBeyondItsLimit
                || refusedForNow;
    }

    /** Forgets the failure: the same target again, at once. */
    static Entry retry(Entry entry, Instant now) {
        Memory memory = entry.memory();
        InstallationState state = entry.status().state();
        boolean nothingFailed = entry.failure() == null
                && !memory.evicted()
                && memory.hold() == null
                && state != InstallationState.FAILED
                && state != InstallationState.TIMED_OUT;
        if (memory.purge() != null || nothingFailed) {
            return entry;
        }
        Entry.Change change = entry.change()
                .failure(null)
                .memory(memory.withHold(null).withEvicted(false).withBegun(now));
        if (entry.intent() == null) {
            change.status(Statuses.restarted(entry.status(), now));
        }
        Failure failure = entry.failure();
        boolean sameVersionFailed = failure != null && failure.state() != InstallationState.RETURNED;
        return sameVersionFailed ? enableAgain(change.done()) : change.done();
    }

    /** A handler that was enabled and then reported an error is called again; otherwise its old word would be read once more. */
    private static Entry enableAgain(Entry entry) {
        Slot slot = entry.activeSlot();
        Deployed active = entry.find(slot).filter(Deployed::enabled).orElse(null);
        return active != null
                        && entry.intent() == null
                        && entry.target().presence() == Presence.PRESENT
                        && active.digest().equals(entry.wanted())
                ? entry.with(slot, active.withEnableForgotten())
                : entry;
    }

    /** A held version may be tried again. */
    static Entry release(Entry entry, Instant now) {
        Memory memory = entry.memory();
        if (memory.hold() == null) {
            return entry;
        }
        Entry.Change change =
                entry.change().failure(null).memory(memory.withHold(null).withBegun(now));
        if (entry.intent() == null && memory.purge() == null) {
            change.status(Statuses.restarted(entry.status(), now));
        }
        return change.done();
    }

    /** Takes everything away, then begins from nothing: also the work of one-shots. */
    static Entry reset(Entry entry, Instant now) {
        Purge purge = entry.memory().purge();
        return purge != null ? entry : purge(entry, "an operator ordered a reset of " + entry.name(), false, now);
    }

    /** Takes everything away by the word of the machine's owner, and leaves it so. */
    static Entry forceRemove(Entry entry, Instant now) {
        Memory memory = entry.memory();
        Purge purge = memory.purge();
        boolean known = (memory.evicted() && entry.status().state() == InstallationState.REMOVED)
                || (purge != null && purge.byOwner());
        return known ? entry : purge(entry, "the machine's owner removes " + entry.name(), true, now);
    }

    private static Entry purge(Entry entry, String why, boolean byOwner, Instant now) {
        Purge before = entry.memory().purge();
        Purge purge = before == null ? new Purge(byOwner, List.of()) : new Purge(byOwner, before.ignored());
        Memory memory = entry.memory();
        Entry.Change change = entry.change()
                .failure(null)
                .returning(null)
                .settleBy(null)
                .memory(memory.withPurge(purge)
                        .withHold(null)
                        .withTrial(null)
                        .withEvicted(false)
                        .withRan(-1)
                        .withDone(-1)
                        .withBegun(now));
        Intent intent = entry.intent();
        boolean goesOn = intent != null && before != null; // a step of the removal that was under way anyway
        if (intent != null && !goesOn) {
            change.intent(
                    intent.stopped(new Cause(CauseClass.CANCELLED, intent.step().word(), why, "", Map.of())));
        } else if (intent == null) {
            change.status(Statuses.restarted(entry.status(), now));
        }
        return change.done();
    }

    /** What is shown of an installation that the machine's owner took away. */
    static Cause evicted(String name, Purge purge) {
        Map<String, String> evidence = purge.ignored().isEmpty()
                ? Map.of("by", "the machine's owner")
                : Map.of("by", "the machine's owner", "ignored", String.join("; ", purge.ignored()));
        return new Cause(
                CauseClass.CANCELLED,
                "force-remove",
                name + " was removed by the machine's owner"
                        + (purge.ignored().isEmpty()
                                ? ""
                                : "; what went wrong on the way was passed over ("
                                        + purge.ignored().size() + ")"),
                "ask the owner; a retry, a reset or a change of the installation brings it back",
                evidence);
    }
}
