package dev.vmext.agent.run;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Hold;
import dev.vmext.agent.journal.Previous;
import dev.vmext.agent.journal.Trial;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Attempted;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;

/**
 * What becomes of an installation whose target cannot be reached: it goes back to the version before, or it is given up; and the
 * version that failed is held. Pure.
 */
final class Surrender {
    private Surrender() {}

    /** Ends the way to the target. A way back that fails too is the end, with both causes. */
    static Entry of(Entry entry, InstallationState state, Cause cause, Instant now) {
        Cause returning = entry.returning();
        if (returning != null) {
            Cause both = new Cause(
                    cause.kind(),
                    cause.step(),
                    cause.message() + "; this was tried because: " + returning.message(),
                    cause.hint(),
                    cause.evidence());
            return givenUp(entry.change().returning(null).done(), new Failure(state, both, null), now);
        }
        if (canReturn(entry)) {
            return entry.change()
                    .returning(cause)
                    .failure(null)
                    .settleBy(null)
                    .memory(entry.memory().withTrial(null))
                    .status(Statuses.attempted(entry.status(), new Attempted(version(entry), cause, now, null)))
                    .done();
        }
        return givenUp(entry, new Failure(state, cause, null), now);
    }

    /** Whether the version before was stopped, or is crowded by a new one, so that only going back makes all as it was. */
    static boolean canReturn(Entry entry) {
        Previous previous = entry.previous();
        if (entry.target().presence() == Presence.ABSENT || previous == null) {
            return false;
        }
        Trial trial = entry.memory().trial();
        if (trial != null && trial.passed()) {
            return false;
        }
        Deployed current = entry.current();
        boolean oldRuns =
                current != null && current.enabled() && current.digest().equals(previous.digest());
        Deployed next = entry.next();
        boolean crowded = next != null && (next.installed() || next.updated() || next.enabled());
        return !oldRuns || crowded;
    }

    /** The target is given up and this is shown. */
    static Entry givenUp(Entry entry, Failure failure, Instant now) {
        InstallationStatus shown = replaces(entry) && !entry.held()
                ? Statuses.attempted(entry.status(), new Attempted(version(entry), failure.cause(), now, null))
                : entry.status();
        return entry.change()
                .failure(failure)
                .settleBy(null)
                .memory(entry.memory().withTrial(null))
                .status(Statuses.waiting(shown, failure.state(), failure.cause(), now))
                .done();
    }

    private static boolean replaces(Entry entry) {
        Deployed current = entry.current();
        return entry.target().presence() == Presence.PRESENT
                && current != null
                && !current.digest().equals(entry.target().digest());
    }

    /**
     * The version before runs again: the one that failed is not tried again for a while. One that never ran is not held, because what
     * failed was not it; one that somebody cancelled neither, because he knows what he wants next.
     */
    static Entry hold(Entry entry, Cause cause, Instant now) {
        if (!replaces(entry)) {
            return entry;
        }
        String version = version(entry);
        Instant until = cause.kind() == CauseClass.CANCELLED ? null : now.plus(Hold.USUAL);
        Hold hold = until == null ? null : new Hold(version, entry.target().digest(), cause, until);
        return entry.with(entry.memory().withHold(hold))
                .with(Statuses.attempted(entry.status(), new Attempted(version, cause, now, until)));
    }

    private static String version(Entry entry) {
        String wanted = entry.memory().version();
        Deployed next = entry.next();
        return !wanted.isEmpty()
                ? wanted
                : next != null ? next.version() : entry.target().digest().text();
    }
}
