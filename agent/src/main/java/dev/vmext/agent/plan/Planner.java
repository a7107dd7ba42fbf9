package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Hold;
import dev.vmext.agent.journal.Previous;
import dev.vmext.agent.journal.RebootRequest;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
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
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * From goal, journal and observations to the next step of each installation. It keeps nothing between two calls: asked again after
 * any crash it continues where the facts are. What the next step is says {@link NextStep}; who goes before whom, {@link Precedence}; who gets
 * a place and a lease, {@link Turns}; here is whether its time has come. Pure; any thread.
 */
public final class Planner {
    /** One decision for every installation that is not busy with a step. */
    public List<Decision> plan(GoalState goal, Map<String, Entry> entries, Observed observed) {
        Precedence precedence = Precedence.of(goal, entries);
        Map<String, InstallationGoal> wanted = new LinkedHashMap<>();
        for (InstallationGoal installation : goal.installations()) {
            wanted.put(installation.name(), installation);
        }
        List<Decision> decisions = new ArrayList<>();
        for (InstallationGoal installation : goal.installations()) {
            Entry entry = entries.get(installation.name());
            if (entry != null && entry.intent() == null) {
                decisions.add(new One(goal, wanted, entries, observed, precedence, installation, entry).decide());
            }
        }
        for (Entry entry : entries.values()) {
            if (!wanted.containsKey(entry.name()) && entry.intent() == null) {
                decisions.add(unnamed(entry));
            }
        }
        return new Turns(wanted, entries, observed).given(decisions);
    }

    /** An installation that is to go is named absent first. One that merely is not named is left as it is. */
    private static Decision unnamed(Entry entry) {
        if (entry.memory().purge() != null) {
            return new Decision.Act(entry.name(), NextStep.removal(entry));
        }
        boolean gone = entry.status().state() == InstallationState.REMOVED
                && entry.memory().reboot() == null;
        return gone ? new Decision.Drop(entry.name()) : new Decision.Rest(entry.name());
    }

    /** The next step of taking away all that is on the machine of it. */
    public static Step removal(Entry entry) {
        return NextStep.removal(entry);
    }

    /** The wish for an installation that no goal names, or whose wish does not matter: that nothing is there. */
    public static InstallationGoal gone(Entry entry) {
        return new InstallationGoal(
                entry.name(),
                entry.extension(),
                entry.memory().version().isEmpty() ? "0" : entry.memory().version(),
                entry.target().digest(),
                Presence.ABSENT,
                entry.target().sequence(),
                List.of(),
                "{}",
                null);
    }

    /**
     * Why the machine is to be restarted now: handlers asked for it, and nothing is under way or could still go on without it.
     *
     * @param decisions that {@link #plan} made of the same entries
     */
    public Optional<String> restart(Map<String, Entry> entries, Observed observed, List<Decision> decisions) {
        List<Entry> asking = entries.values().stream()
                .filter(entry -> asks(entry, observed))
                .sorted(Comparator.comparing(Entry::name))
                .toList();
        boolean quiet = entries.values().stream().allMatch(entry -> entry.intent() == null && !comesToRest(entry))
                && decisions.stream().allMatch(Planner::waits);
        return asking.isEmpty()
                        || !quiet
                        || !observed.mayRestart()
                        || !observed.mode().allowsChanges()
                ? Optional.empty()
                : Optional.of(asking.stream()
                        .map(entry -> entry.name() + ": " + pending(entry).reason())
                        .collect(Collectors.joining("; ")));
    }

    private static boolean asks(Entry entry, Observed observed) {
        RebootRequest request = entry.memory().reboot();
        return request != null
                && request.restartedAt() == null
                && request.boot().equals(observed.boot());
    }

    private static RebootRequest pending(Entry entry) {
        return Objects.requireNonNull(entry.memory().reboot());
    }

    /** A handler still works, or a step is tried again soon. */
    private static boolean comesToRest(Entry entry) {
        boolean settles = entry.settleBy() != null
                && entry.memory().reboot() == null
                && !entry.status().state().terminal();
        Failure failure = entry.failure();
        return settles || (failure != null && failure.retryAt() != null);
    }

    private static boolean waits(Decision decision) {
        return switch (decision) {
            case Decision.Rest _ -> true;
            // Somebody else works with packages: the worst moment of all.
            case Decision.Await(String _, InstallationState state, Cause _) -> state != InstallationState.WAITING_LEASE;
            case Decision.Act _,
                    Decision.Look _,
                    Decision.GiveUp _,
                    Decision.Release _,
                    Decision.Limit _,
                    Decision.Drop _ -> false;
        };
    }

    private record One(
            GoalState goal,
            Map<String, InstallationGoal> wanted,
            Map<String, Entry> entries,
            Observed observed,
            Precedence precedence,
            InstallationGoal installation,
            Entry entry) {

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
                    && reboot.boot().equals(observed.boot())
                    && present
                    && !purging
                    && entry.returning() == null) {
                return waiting(InstallationState.BLOCKED, Waiting.restart(entry, reboot, observed.mayRestart()));
            }
            Optional<Step> step = present && !purging
                    ? new NextStep(
                                    entry,
                                    versionOf(entry.wanted()),
                                    installation.sequence(),
                                    observed.packages(),
                                    observed.boot())
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
            if (!observed.mode().allowsChanges() && !owner) {
                return new Decision.GiveUp(
                        entry.name(),
                        InstallationState.FAILED,
                        cause(
                                CauseClass.TRUST,
                                step,
                                "cannot " + step.word() + " " + entry.name()
                                        + ": the owner of this machine allows no changes (trust mode observe)",
                                "change the mode in trust.json on the machine, or remove the installation",
                                Map.of("mode", observed.mode().text())));
            }
            if (entry.returning() == null && !underWay() && !purging) {
                Optional<Decision> waiting = present ? waitsForOthers() : waitsForDependants();
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

        private Decision rest() {
            return new Decision.Rest(entry.name());
        }

        private Decision waiting(InstallationState state, Cause cause) {
            return Waiting.until(entry, installation, observed, state, cause);
        }

        private boolean holdIsOver() {
            Hold hold = entry.memory().hold();
            return hold != null && !observed.now().isBefore(hold.until());
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
                    && NextStep.missedThisBoot(active, observed.boot())
                    && observed.mode().allowsChanges();
            return due ? new Decision.Act(entry.name(), new Step.Run(slot, HandlerCommand.ENABLE)) : rest();
        }

        private Decision settle() {
            InstallationState state = entry.status().state();
            if (state.terminal() && !(state == InstallationState.TIMED_OUT && entry.failure() == null)) {
                return rest();
            }
            Instant by = entry.settleBy();
            if (by == null) {
                return new Decision.Limit(entry.name(), observed.now().plus(observed.waitLimit()));
            }
            if (observed.now().isBefore(by)) {
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
            List<String> cycle = precedence.cycle(entry.name());
            if (!cycle.isEmpty()) {
                return Optional.of(refused(cause(
                        CauseClass.DEPENDENCY,
                        "cannot start " + entry.name() + ": it would have to wait for itself ("
                                + String.join(" needs ", cycle) + ")",
                        "take one of these dependencies away",
                        Map.of("cycle", String.join(" > ", cycle)))));
            }
            Optional<Precedence.Rival> rival = precedence.rival(entry.name());
            if (rival.isPresent()) {
                return Optional.of(excluded(rival.get()));
            }
            List<String> missing = precedence.missing(entry.name());
            if (!missing.isEmpty()) {
                return Optional.of(waiting(InstallationState.BLOCKED, Waiting.missing(entry, missing)));
            }
            for (String other : precedence.needs(entry.name())) {
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

        /** For as long as the goal is like this; it goes on by itself when that changes. */
        private Decision refused(Cause cause) {
            return new Decision.Await(entry.name(), InstallationState.FAILED, cause);
        }

        private Decision excluded(Precedence.Rival rival) {
            Map<String, String> evidence = Map.of("installation", entry.name(), "winner", rival.name());
            if (rival.leaving()) {
                return waiting(
                        InstallationState.BLOCKED,
                        cause(
                                CauseClass.CONFLICT,
                                "cannot start " + entry.name() + ": it waits until " + rival.name()
                                        + ", which excludes it, is removed",
                                "look at installation " + rival.name(),
                                evidence));
            }
            return refused(cause(
                    CauseClass.CONFLICT,
                    "cannot start " + entry.name() + ": " + entry.name() + " and " + rival.name()
                            + " exclude each other, and " + rival.name() + " stays because "
                            + (rival.here() ? "it is on the machine already" : "the goal names it first"),
                    "remove one of them",
                    evidence));
        }

        private boolean isUp(Entry other) {
            Optional<Deployed> active = other.active();
            return other.intent() == null
                    && other.status().healthy()
                    && active.isPresent()
                    && !NextStep.missedThisBoot(active.get(), observed.boot());
        }

        private Optional<Decision> waitsForDependants() {
            for (String name : precedence.dependants(entry.name())) {
                InstallationGoal other = wanted.get(name);
                Entry entryOfOther = entries.get(name);
                boolean goesFirst = other != null
                        && other.presence() == Presence.ABSENT
                        && entryOfOther != null
                        && entryOfOther.failure() == null
                        && entryOfOther.status().state() != InstallationState.REMOVED
                        // In a circle nobody goes first.
                        && !precedence.dependants(name).contains(entry.name());
                if (goesFirst) {
                    return Optional.of(blocked(name, "which needs it and is removed first"));
                }
            }
            return Optional.empty();
        }

        private Decision blocked(String other, String why) {
            String root = root(other);
            Map<String, String> more = root.equals(other) ? Map.of() : Map.of("root", root);
            String text = root.equals(other) ? why : why + " because of " + root;
            return waiting(InstallationState.BLOCKED, Waiting.others(entry, other, text, more));
        }

        /** The one at the end of the line, which really is in the way. */
        private String root(String name) {
            Set<String> seen = new HashSet<>();
            String at = name;
            while (seen.add(at)) {
                Entry one = entries.get(at);
                Cause cause = one == null || one.status().state() != InstallationState.BLOCKED
                        ? null
                        : one.status().cause();
                at = cause == null ? at : cause.evidence().getOrDefault("installation", at);
            }
            return at;
        }

        private boolean offered(Digest digest) {
            PackageOffer offer = goal.packages().get(installation.extension());
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

        private static Cause cause(
                CauseClass kind, Step step, String message, String hint, Map<String, String> evidence) {
            return new Cause(kind, step.word(), message, hint, evidence);
        }

        private static Cause cause(CauseClass kind, String message, String hint, Map<String, String> evidence) {
            return new Cause(kind, "wait", message, hint, evidence);
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
