package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Hold;
import dev.vmext.agent.journal.RebootRequest;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Whether the time of one installation's next step has come, and what is to be done or waited for until then. Pure. */
record Readiness(Situation situation, InstallationGoal installation, Entry entry) {
    Decision decide() {
        boolean present = installation.presence() == Presence.PRESENT;
        boolean purging = entry.memory().purge() != null;
        boolean gone = entry.status().state() == InstallationState.REMOVED;
        if (gone && !purging && (!present || entry.memory().evicted())) {
            return rest();
        }
        if (!purging && holdIsOver()) {
            return new Decision.Release(entry.name());
        }
        Failure failure = entry.failure();
        if (failure != null && !purging && !retryIsDue(failure)) {
            return stayAlive();
        }
        RebootRequest reboot = entry.memory().reboot();
        if (reboot != null
                && reboot.boot().equals(situation.observed().boot())
                && present
                && !purging
                && entry.returning() == null) {
            return waiting(InstallationState.BLOCKED, Waiting.restart(entry, reboot, situation.observed()));
        }
        Optional<Step> step = present && !purging
                ? new NextStep(
                                entry,
                                versionOf(entry.wanted()),
                                installation.sequence(),
                                situation.observed().packages(),
                                situation.observed().boot())
                        .find()
                : Optional.of(NextStep.removal(entry));
        return step.isEmpty() ? settle() : act(step.get(), present, purging);
    }

    /** The goal's word for the package that is wanted; what is there already needs none. */
    private String versionOf(Digest digest) {
        Deployed current = entry.current();
        return current != null && current.digest().equals(digest) ? current.version() : installation.version();
    }

    private Decision act(Step step, boolean present, boolean purging) {
        boolean owner =
                purging && Objects.requireNonNull(entry.memory().purge()).byOwner();
        if (!situation.observed().mode().allowsChanges() && !owner) {
            return new Decision.GiveUp(
                    entry.name(),
                    InstallationState.FAILED,
                    cause(
                            CauseClass.TRUST,
                            step,
                            "cannot " + step.word() + " " + entry.name()
                                    + ": the owner of this machine allows no changes (trust mode observe)",
                            present
                                    ? "change the mode in trust.json on the machine, or remove the installation"
                                    : "change the mode in trust.json on the machine, or drop the record: vmext installation forget",
                            Map.of("mode", situation.observed().mode().text())));
        }
        if (entry.returning() == null && !underWay() && !purging) {
            Optional<Decision> waiting =
                    present ? neighbours().toBegin() : neighbours().toLeave();
            if (waiting.isPresent()) {
                return waiting.get();
            }
        }
        return step instanceof Step.Fetch fetch && !offered(fetch.digest())
                ? awaitOffer(fetch)
                : new Decision.Act(entry.name(), step);
    }

    /** Once the old version was stopped, waiting for anything but the own work would only make the gap longer. */
    private boolean underWay() {
        Deployed current = entry.current();
        return entry.previous() != null && (current == null || !current.enabled());
    }

    private Neighbours neighbours() {
        return new Neighbours(situation, installation, entry);
    }

    private Decision rest() {
        return new Decision.Rest(entry.name());
    }

    private Decision waiting(InstallationState state, Cause cause) {
        return Waiting.until(entry, installation, situation.observed(), state, cause);
    }

    private boolean holdIsOver() {
        Hold hold = entry.memory().hold();
        return hold != null && !situation.observed().now().isBefore(hold.until());
    }

    private boolean retryIsDue(Failure failure) {
        Instant at = failure.retryAt();
        return at != null && !situation.observed().now().isBefore(at);
    }

    /** The target was given up. What runs is still enabled once per boot. */
    private Decision stayAlive() {
        Slot slot = entry.activeSlot();
        Deployed active = entry.find(slot).orElse(null);
        boolean due = installation.presence() == Presence.PRESENT
                && active != null
                && active.enabledSequence() == active.settingsSequence()
                && NextStep.missedThisBoot(active, situation.observed().boot())
                && situation.observed().mode().allowsChanges();
        return due ? new Decision.Act(entry.name(), new Step.Run(slot, HandlerCommand.ENABLE)) : rest();
    }

    private Decision settle() {
        InstallationState state = entry.status().state();
        if (state.terminal() && !(state == InstallationState.TIMED_OUT && entry.failure() == null)) {
            return rest();
        }
        Instant by = entry.settleBy();
        if (by == null) {
            return new Decision.Limit(
                    entry.name(),
                    situation.observed().now().plus(situation.observed().waitLimit()));
        }
        if (situation.observed().now().isBefore(by)) {
            return rest();
        }
        Cause known = entry.status().cause();
        return new Decision.GiveUp(
                entry.name(),
                InstallationState.TIMED_OUT,
                new Cause(
                        CauseClass.TIMEOUT,
                        "enable",
                        "cannot finish enable of " + entry.name() + ": "
                                + (known == null ? "its handler did not report success in time" : known.message()),
                        "look at the handler's log, then change the settings or ask for a rerun",
                        Map.of("deadline", by.toString())));
    }

    private boolean offered(Digest digest) {
        PackageOffer offer = situation.goal().packages().get(installation.extension());
        return offer != null && offer.digest().equals(digest);
    }

    private Decision awaitOffer(Step.Fetch fetch) {
        return waiting(
                InstallationState.WAITING_PACKAGE,
                cause(
                        CauseClass.PACKAGE,
                        fetch,
                        "cannot fetch " + installation.extension() + " " + installation.version()
                                + ": the control plane does not offer its package yet",
                        "check that the version is still in the catalog",
                        Map.of("digest", fetch.digest().text())));
    }

    private static Cause cause(CauseClass kind, Step step, String message, String hint, Map<String, String> evidence) {
        return new Cause(kind, step.word(), message, hint, evidence);
    }
}
