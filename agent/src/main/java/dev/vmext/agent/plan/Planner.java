package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Previous;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From goal, journal and observations to the next step of each installation. It keeps nothing between two calls: asked again after
 * any crash it continues where the facts are. Pure; any thread.
 *
 * <pre>
 * fresh      fetch > unpack > settings > install > enable > (settle)
 * settings   settings > enable > (settle)
 * update     fetch > unpack > settings > keep old > old disable > copy state > update > old uninstall > old remove
 *            > install > enable > (settle)                                                     azure-contract 1.11
 * return     new disable > new uninstall > new remove > [unpack old > restore > install >] old enable > (settle)
 * removal    disable > uninstall > remove > forget
 * reboot     enable, unless one-shot
 * </pre>
 */
public final class Planner {
    /** One decision for every installation that is not busy with a step. */
    public List<Decision> plan(GoalState goal, Map<String, Entry> entries, Observed observed) {
        Map<String, InstallationGoal> wanted = new LinkedHashMap<>();
        for (InstallationGoal installation : goal.installations()) {
            wanted.put(installation.name(), installation);
        }
        List<Decision> decisions = new ArrayList<>();
        for (InstallationGoal installation : goal.installations()) {
            Entry entry = entries.get(installation.name());
            if (entry != null && entry.intent() == null) {
                decisions.add(new One(goal, wanted, entries, observed, installation, entry).decide());
            }
        }
        for (Entry entry : entries.values()) {
            if (!wanted.containsKey(entry.name()) && entry.intent() == null) {
                // An installation that is to go is named absent first. One that merely is not named is left as it is.
                decisions.add(
                        entry.status().state() == InstallationState.REMOVED
                                ? new Decision.Drop(entry.name())
                                : new Decision.Rest(entry.name()));
            }
        }
        return decisions;
    }

    private record One(
            GoalState goal,
            Map<String, InstallationGoal> wanted,
            Map<String, Entry> entries,
            Observed observed,
            InstallationGoal installation,
            Entry entry) {

        Decision decide() {
            boolean present = installation.presence() == Presence.PRESENT;
            if (!present && entry.status().state() == InstallationState.REMOVED) {
                return rest();
            }
            Failure failure = entry.failure();
            if (failure != null && !retryIsDue(failure)) {
                return stayAlive();
            }
            Optional<Step> step = present
                    ? entry.returning() != null ? back() : towards(installation.packageDigest())
                    : Optional.of(removal());
            if (step.isEmpty()) {
                return settle();
            }
            if (!observed.mode().allowsChanges()) {
                return new Decision.GiveUp(
                        entry.name(),
                        InstallationState.FAILED,
                        cause(
                                CauseClass.TRUST,
                                step.get(),
                                "cannot " + step.get().word() + " " + entry.name()
                                        + ": the owner of this machine allows no changes (trust mode observe)",
                                "change the mode in trust.json on the machine, or remove the installation",
                                Map.of("mode", observed.mode().text())));
            }
            if (entry.returning() == null && !underWay()) {
                Optional<Decision> waiting = present ? waitsForOthers() : waitsForDependants();
                if (waiting.isPresent()) {
                    return waiting.get();
                }
            }
            return step.get() instanceof Step.Fetch fetch && !offered(fetch.digest())
                    ? awaitOffer(fetch)
                    : new Decision.Act(entry.name(), step.get());
        }

        /** Once the old version was stopped, waiting for anything but the own work would only make the gap longer. */
        private boolean underWay() {
            Deployed current = entry.current();
            return entry.previous() != null && (current == null || !current.enabled());
        }

        private Decision rest() {
            return new Decision.Rest(entry.name());
        }

        private boolean retryIsDue(Failure failure) {
            Instant at = failure.retryAt();
            return at != null && !observed.now().isBefore(at);
        }

        /** The target was given up. What runs is still enabled once per boot. */
        private Decision stayAlive() {
            Slot slot = entry.activeSlot();
            Deployed active = entry.find(slot).orElse(null);
            boolean due = installation.presence() == Presence.PRESENT
                    && active != null
                    && active.enabledSequence() == active.settingsSequence()
                    && missedThisBoot(active)
                    && observed.mode().allowsChanges();
            return due ? new Decision.Act(entry.name(), new Step.Run(slot, HandlerCommand.ENABLE)) : rest();
        }

        private boolean missedThisBoot(Deployed deployed) {
            return deployed.enabled()
                    && !deployed.traits().oneShot()
                    && !deployed.enabledBoot().equals(observed.boot());
        }

        private Optional<Step> towards(Digest digest) {
            Deployed current = entry.current();
            Deployed next = entry.next();
            if (next != null && !next.digest().equals(digest)) {
                return Optional.of(takeAway(Slot.NEXT, next));
            }
            if (current != null && current.digest().equals(digest)) {
                return bringUp(Slot.CURRENT, current, installation.sequence());
            }
            if (next == null) {
                return Optional.of(
                        observed.packages().contains(digest)
                                ? new Step.Unpack(digest, installation.version())
                                : new Step.Fetch(digest));
            }
            if (next.settingsSequence() < installation.sequence()) {
                return Optional.of(new Step.WriteSettings(Slot.NEXT, installation.sequence()));
            }
            if (current != null) {
                return Optional.of(replace(current, next));
            }
            return bringUp(Slot.NEXT, next, installation.sequence());
        }

        private Step replace(Deployed current, Deployed next) {
            Previous previous = entry.previous();
            if (previous == null || !previous.digest().equals(current.digest())) {
                return new Step.KeepOld();
            }
            if (current.enabled()) {
                return new Step.Run(Slot.CURRENT, HandlerCommand.DISABLE);
            }
            if (!next.stateCopied()) {
                return new Step.CopyState();
            }
            if (!next.updated()) {
                // A downgrade is done by the higher package, which is the only one that can know how.
                boolean downgrade =
                        ExtensionVersion.of(next.version()).compareTo(ExtensionVersion.of(current.version())) < 0;
                return new Step.Run(Slot.NEXT, HandlerCommand.UPDATE, downgrade ? Slot.CURRENT : Slot.NEXT);
            }
            return current.installed()
                    ? new Step.Run(Slot.CURRENT, HandlerCommand.UNINSTALL)
                    : new Step.Remove(Slot.CURRENT);
        }

        private Optional<Step> bringUp(Slot slot, Deployed deployed, long sequence) {
            if (deployed.settingsSequence() < sequence) {
                return Optional.of(new Step.WriteSettings(slot, sequence));
            }
            if (!deployed.installed()) {
                return Optional.of(new Step.Run(slot, HandlerCommand.INSTALL));
            }
            if (!deployed.enabled() || deployed.enabledSequence() < sequence || missedThisBoot(deployed)) {
                return Optional.of(new Step.Run(slot, HandlerCommand.ENABLE));
            }
            return Optional.empty();
        }

        private Step takeAway(Slot slot, Deployed deployed) {
            if (deployed.enabled()) {
                return new Step.Run(slot, HandlerCommand.DISABLE);
            }
            return deployed.installed() || deployed.updated()
                    ? new Step.Run(slot, HandlerCommand.UNINSTALL)
                    : new Step.Remove(slot);
        }

        private Optional<Step> back() {
            Previous previous = entry.previous();
            if (previous == null) {
                throw new IllegalStateException("installation " + entry.name() + " returns to no version");
            }
            Deployed next = entry.next();
            Deployed current = entry.current();
            if (next != null && !next.digest().equals(previous.digest())) {
                return Optional.of(takeAway(Slot.NEXT, next));
            }
            if (current != null) {
                return current.digest().equals(previous.digest())
                        ? bringUp(Slot.CURRENT, current, previous.sequence())
                        : Optional.of(takeAway(Slot.CURRENT, current));
            }
            if (next == null) {
                return Optional.of(
                        observed.packages().contains(previous.digest())
                                ? new Step.Unpack(previous.digest(), previous.version())
                                : new Step.Fetch(previous.digest()));
            }
            return next.settingsSequence() < previous.sequence()
                    ? Optional.of(new Step.RestoreOld())
                    : bringUp(Slot.NEXT, next, previous.sequence());
        }

        private Step removal() {
            Deployed next = entry.next();
            Deployed current = entry.current();
            if (next != null) {
                return takeAway(Slot.NEXT, next);
            }
            return current != null ? takeAway(Slot.CURRENT, current) : new Step.Forget();
        }

        private Decision settle() {
            InstallationState state = entry.status().state();
            Instant by = entry.settleBy();
            if (state.terminal() || by == null || observed.now().isBefore(by)) {
                // Without a limit there is nothing to wait for: the handler was enabled long ago, the next look settles
                // it.
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

        private Optional<Decision> waitsForOthers() {
            for (String other : installation.after()) {
                InstallationGoal goalOfOther = wanted.get(other);
                Entry entryOfOther = entries.get(other);
                String why = null;
                if (goalOfOther == null || goalOfOther.presence() == Presence.ABSENT) {
                    why = "which is not wanted on this machine";
                } else if (entryOfOther == null || !isUp(entryOfOther)) {
                    why = entryOfOther == null
                            ? "which has not begun"
                            : "which is " + entryOfOther.status().state().wire();
                }
                if (why != null) {
                    return Optional.of(blocked(other, why));
                }
            }
            return Optional.empty();
        }

        private boolean isUp(Entry other) {
            Optional<Deployed> active = other.active();
            return other.intent() == null
                    && other.status().healthy()
                    && active.isPresent()
                    && !missedThisBoot(active.get());
        }

        private Optional<Decision> waitsForDependants() {
            for (InstallationGoal other : goal.installations()) {
                Entry entryOfOther = entries.get(other.name());
                if (other.presence() == Presence.ABSENT
                        && other.after().contains(entry.name())
                        && entryOfOther != null
                        && entryOfOther.failure() == null
                        && entryOfOther.status().state() != InstallationState.REMOVED) {
                    return Optional.of(blocked(other.name(), "which needs it and is removed first"));
                }
            }
            return Optional.empty();
        }

        private Decision blocked(String other, String why) {
            return awaiting(
                    InstallationState.BLOCKED,
                    new Cause(
                            CauseClass.DEPENDENCY,
                            "wait",
                            "cannot start " + entry.name() + ": it waits for " + other + ", " + why,
                            "look at installation " + other,
                            Map.of("installation", other)));
        }

        private boolean offered(Digest digest) {
            PackageOffer offer = goal.packages().get(installation.extension());
            return offer != null && offer.digest().equals(digest);
        }

        private Decision awaitOffer(Step.Fetch fetch) {
            return awaiting(
                    InstallationState.WAITING_PACKAGE,
                    cause(
                            CauseClass.PACKAGE,
                            fetch,
                            "cannot fetch " + installation.extension() + " " + installation.version()
                                    + ": the control plane does not offer its package yet",
                            "check that the version is still in the catalog",
                            Map.of("digest", fetch.digest().text())));
        }

        /** Waiting has a limit too; the installation goes on by itself if what it waited for comes later. */
        private Decision awaiting(InstallationState state, Cause cause) {
            InstallationState shown = entry.status().state();
            boolean over = shown == InstallationState.TIMED_OUT
                    || (shown == state
                            && !observed.now().isBefore(entry.status().since().plus(observed.waitLimit())));
            return new Decision.Await(entry.name(), over ? InstallationState.TIMED_OUT : state, cause);
        }

        private static Cause cause(
                CauseClass kind, Step step, String message, String hint, Map<String, String> evidence) {
            return new Cause(kind, step.word(), message, hint, evidence);
        }
    }

    /** Packages that must stay on the machine. */
    public static List<Digest> needed(GoalState goal, Iterable<Entry> entries) {
        List<Digest> needed = new ArrayList<>();
        for (InstallationGoal installation : goal.installations()) {
            if (installation.presence() == Presence.PRESENT) {
                needed.add(installation.packageDigest());
            }
        }
        for (Entry entry : entries) {
            addDigest(needed, entry.current());
            addDigest(needed, entry.next());
            Previous previous = entry.previous();
            if (previous != null) {
                needed.add(previous.digest());
            }
        }
        return needed;
    }

    private static void addDigest(List<Digest> digests, @Nullable Deployed deployed) {
        if (deployed != null) {
            digests.add(deployed.digest());
        }
    }
}
