package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whom one installation waits for: those it needs, those that exclude it, and, when it goes, those that need it. Pure. */
record Neighbours(Situation situation, InstallationGoal installation, Entry entry) {
    /** Before it is begun: those it needs are up, and none is there or stays that excludes it. */
    Optional<Decision> toBegin() {
        List<String> cycle = situation.precedence().cycle(entry.name());
        if (!cycle.isEmpty()) {
            return Optional.of(refused(cause(
                    CauseClass.DEPENDENCY,
                    "cannot start " + entry.name() + ": it would have to wait for itself ("
                            + String.join(" needs ", cycle) + ")",
                    "take one of these dependencies away",
                    Map.of("cycle", String.join(" > ", cycle)))));
        }
        Optional<Precedence.Rival> rival = situation.precedence().rival(entry.name());
        if (rival.isPresent()) {
            return Optional.of(excluded(rival.get()));
        }
        List<String> missing = situation.precedence().missing(entry.name());
        if (!missing.isEmpty()) {
            return Optional.of(waiting(InstallationState.BLOCKED, Waiting.missing(entry, missing)));
        }
        for (String other : situation.precedence().needs(entry.name())) {
            InstallationGoal goalOfOther = situation.wanted().get(other);
            Entry entryOfOther = situation.entries().get(other);
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
                && !NextStep.missedThisBoot(active.get(), situation.observed().boot());
    }

    /** Before it is removed: those that need it go first. */
    Optional<Decision> toLeave() {
        for (String name : situation.precedence().dependants(entry.name())) {
            InstallationGoal other = situation.wanted().get(name);
            Entry entryOfOther = situation.entries().get(name);
            boolean goesFirst = other != null
                    && other.presence() == Presence.ABSENT
                    && entryOfOther != null
                    && entryOfOther.failure() == null
                    && entryOfOther.status().state() != InstallationState.REMOVED
                    && !situation.precedence().leaveTogether(entry.name(), name);
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
            Entry one = situation.entries().get(at);
            Cause cause = one == null || one.status().state() != InstallationState.BLOCKED
                    ? null
                    : one.status().cause();
            at = cause == null ? at : cause.evidence().getOrDefault("installation", at);
        }
        return at;
    }

    private Decision waiting(InstallationState state, Cause cause) {
        return Waiting.until(entry, installation, situation.observed(), state, cause);
    }

    private static Cause cause(CauseClass kind, String message, String hint, Map<String, String> evidence) {
        return new Cause(kind, "wait", message, hint, evidence);
    }
}
