package dev.vmext.agent.run;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Memory;
import dev.vmext.agent.journal.Previous;
import dev.vmext.agent.journal.RebootRequest;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Trial;
import dev.vmext.packageformat.manifest.Reboot;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusWord;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a look at an enabled handler and its probes makes of an installation. Pure. */
final class Health {
    /** More than a look takes: the end of a trial is decided by a look, not by the deadline of the handler's word. */
    private static final Duration AFTER_TRIAL = Duration.ofMinutes(2);

    private Health() {}

    static Entry observed(Entry entry, HealthReading reading, Instant now) {
        boolean between = entry.intent() != null
                || entry.memory().purge() != null
                || entry.active().filter(Deployed::enabled).isEmpty();
        if (between) {
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
            return asksForRestart(
                    seen.with(Statuses.health(
                            status,
                            unhealthy == null && status.state() == InstallationState.READY,
                            shownCause(entry, unhealthy),
                            now)),
                    reading.restart(),
                    now);
        }
        return awaited(entry) ? waitedFor(seen, reading, unhealthy, now) : seen;
    }

    /**
     * Something that works on for the extension, such as a unit that installed updates at night, needs the machine to restart. Once a day
     * at most: one that asks after every start must not keep the machine from its work.
     */
    private static Entry asksForRestart(Entry entry, @Nullable String reason, Instant now) {
        Deployed active = entry.active().orElseThrow();
        String work = active.digest().text() + " running " + now.truncatedTo(ChronoUnit.DAYS);
        return reason == null
                        || entry.status().state() != InstallationState.READY
                        || entry.memory().reboot() != null
                        || active.traits().reboot() == Reboot.NEVER
                        || active.traits().oneShot()
                        || work.equals(entry.memory().rebooted())
                ? entry
                : entry.with(entry.memory().withReboot(new RebootRequest(work, reason, active.enabledBoot(), null)));
    }

    private static Entry waitedFor(Entry seen, HealthReading reading, @Nullable Cause unhealthy, Instant now) {
        if (reading.malformed() != null) {
            return Surrender.of(workUndone(seen), InstallationState.FAILED, reading.malformed(), now);
        }
        HandlerStatus handler = reading.status();
        if (handler == null || handler.status() == StatusWord.TRANSITIONING) {
            return restartedTrial(seen);
        }
        if (handler.status() == StatusWord.ERROR) {
            return Surrender.of(workUndone(seen), InstallationState.FAILED, Objects.requireNonNull(unhealthy), now);
        }
        if (!reading.probesDecided()) {
            return restartedTrial(seen);
        }
        return replaces(seen) ? onTrial(workDone(seen), unhealthy, now) : settle(workDone(seen), unhealthy, now);
    }

    /** What a one-shot did is not done again by any later version. */
    private static Entry workDone(Entry entry) {
        Deployed active = entry.active().orElseThrow();
        boolean news = active.traits().oneShot() && entry.memory().done() < active.enabledSequence();
        return news ? entry.with(entry.memory().withDone(active.enabledSequence())) : entry;
    }

    /** What it could not do may be tried by a better version. */
    private static Entry workUndone(Entry entry) {
        return entry.with(entry.memory().withRan(-1));
    }

    /** Whether another version is there to go back to. */
    private static boolean replaces(Entry entry) {
        return entry.returning() == null
                && entry.previous() != null
                && !entry.previous()
                        .digest()
                        .equals(entry.active().orElseThrow().digest());
    }

    private static Entry restartedTrial(Entry entry) {
        Trial trial = entry.memory().trial();
        return trial == null || trial.passed()
                ? entry
                : entry.with(entry.memory().withTrial(null));
    }

    /** The new version must be healthy and stay it for its time; then what is left of the old one goes. */
    private static Entry onTrial(Entry entry, @Nullable Cause unhealthy, Instant now) {
        Trial trial = entry.memory().trial();
        boolean passed = trial != null && trial.passed();
        if (unhealthy != null && !passed) {
            return Surrender.of(entry, InstallationState.FAILED, unhealthy, now);
        }
        Duration time = entry.active().orElseThrow().traits().healthTime();
        Instant until = trial == null ? now.plus(time) : trial.until();
        if (now.isBefore(until)) {
            Instant by = entry.settleBy();
            Instant after = until.plus(AFTER_TRIAL);
            return entry.change()
                    .memory(entry.memory().withTrial(new Trial(until, false)))
                    .settleBy(by == null || by.isBefore(after) ? after : by)
                    .done();
        }
        boolean oldIsStillThere = entry.current() != null && entry.next() != null;
        return oldIsStillThere
                ? entry.change()
                        .memory(entry.memory().withTrial(new Trial(until, true)))
                        .settleBy(null)
                        .done()
                : settle(entry, unhealthy, now);
    }

    /** Whether the handler in charge is the one that the target, or the return, asks for, and nothing must happen before it counts. */
    private static boolean awaited(Entry entry) {
        Deployed active = entry.active().orElseThrow();
        boolean leftover = entry.next() != null && entry.activeSlot() == Slot.CURRENT;
        if (leftover
                || active.enabledSequence() != active.settingsSequence()
                || entry.memory().reboot() != null) {
            return false;
        }
        Previous previous = entry.previous();
        if (entry.returning() != null) {
            return previous != null && active.digest().equals(previous.digest());
        }
        return entry.target().presence() == Presence.PRESENT
                && active.digest().equals(entry.wanted())
                && active.enabledSequence() >= entry.target().sequence();
    }

    private static @Nullable Cause shownCause(Entry entry, @Nullable Cause unhealthy) {
        Failure failure = entry.failure();
        return failure != null ? failure.cause() : unhealthy;
    }

    private static Entry settle(Entry entry, @Nullable Cause unhealthy, Instant now) {
        Memory memory = entry.memory().withBegun(null).withTrial(null);
        Entry.Change change = entry.change().previous(null).settleBy(null);
        if (entry.next() != null) {
            change.current(entry.next()).next(null);
        }
        Cause returning = entry.returning();
        if (returning != null) {
            Entry back = Surrender.hold(
                    change.returning(null)
                            .memory(memory)
                            .failure(new Failure(InstallationState.RETURNED, returning, null))
                            .done(),
                    returning,
                    now);
            return back.with(Statuses.waiting(back.status(), InstallationState.RETURNED, returning, now));
        }
        if (memory.hold() != null && !entry.wanted().equals(entry.target().digest())) {
            // The version before took the new settings; the version that the goal names is still held.
            Cause held = memory.hold().cause();
            return change.memory(memory)
                    .failure(new Failure(InstallationState.RETURNED, held, null))
                    .status(Statuses.waiting(entry.status(), InstallationState.RETURNED, held, now))
                    .done();
        }
        return change.failure(null)
                .memory(memory.withHold(null))
                .status(Statuses.health(
                        Statuses.moved(Statuses.attempted(entry.status(), null), InstallationState.READY, now),
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
