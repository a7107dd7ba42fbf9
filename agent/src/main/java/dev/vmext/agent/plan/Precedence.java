package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Traits;
import dev.vmext.packageformat.manifest.ExtensionReference;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.InstallationState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who must be up before whom, and who excludes whom, on one machine: computed from the goal, and from what unpacked packages say,
 * before anything is started. Needs are what the goal names in {@code after} and the extensions that a package needs. The same input gives the
 * same answers in the same order. Pure; immutable once made.
 */
final class Precedence {
    private final Map<String, InstallationGoal> goals = new LinkedHashMap<>();
    private final Map<String, Set<String>> needs = new HashMap<>();
    private final Map<String, Set<String>> dependants = new HashMap<>();
    private final Map<String, List<String>> missing = new HashMap<>();
    private final Set<String> suspects = new LinkedHashSet<>();
    private final Map<String, Rival> rivals = new HashMap<>();

    /**
     * The installation that is there instead of another one.
     *
     * @param leaving it is being removed, so the other one's time comes
     * @param here it is on the machine already; otherwise the goal names it first
     */
    record Rival(String name, boolean leaving, boolean here) {}

    private Precedence() {}

    static Precedence of(GoalState goal, Map<String, Entry> entries) {
        Precedence made = new Precedence();
        goal.installations().forEach(one -> made.goals.put(one.name(), one));
        for (InstallationGoal one : made.goals.values()) {
            made.needsOf(one, traits(entries.get(one.name())));
        }
        made.needs.forEach((name, others) -> others.forEach(other -> made.dependants
                .computeIfAbsent(other, _ -> new LinkedHashSet<>())
                .add(name)));
        made.findSuspects();
        made.findRivals(entries);
        return made;
    }

    private static @Nullable Traits traits(@Nullable Entry entry) {
        if (entry == null) {
            return null;
        }
        Deployed said = entry.next() != null ? entry.next() : entry.current();
        return said == null ? null : said.traits();
    }

    private void needsOf(InstallationGoal one, @Nullable Traits traits) {
        Set<String> found = new LinkedHashSet<>(one.after());
        List<String> nowhere = new ArrayList<>();
        if (traits != null) {
            for (ExtensionReference reference : traits.needs()) {
                List<String> given = goals.values().stream()
                        .filter(other -> !other.name().equals(one.name()))
                        .filter(other -> other.presence() == one.presence() || one.presence() == Presence.ABSENT)
                        .filter(other -> is(reference, other))
                        .map(InstallationGoal::name)
                        .toList();
                found.addAll(given);
                if (given.isEmpty() && !is(reference, one)) {
                    nowhere.add(reference.toString());
                }
            }
        }
        needs.put(one.name(), found);
        missing.put(one.name(), nowhere);
    }

    private static boolean is(ExtensionReference reference, InstallationGoal goal) {
        return reference.name().text().equals(goal.extension())
                && reference.version().matches(ExtensionVersion.of(goal.version()));
    }

    /** What is left when everything is taken away that waits for nothing, or for which nothing waits: circles and what lies between. */
    private void findSuspects() {
        for (InstallationGoal one : goals.values()) {
            if (one.presence() == Presence.PRESENT) {
                suspects.add(one.name());
            }
        }
        boolean shrunk = true;
        while (shrunk) {
            shrunk = suspects.removeIf(name ->
                    among(needs, name).isEmpty() || among(dependants, name).isEmpty());
        }
    }

    private List<String> among(Map<String, Set<String>> edges, String name) {
        return edges.getOrDefault(name, Set.of()).stream()
                .filter(suspects::contains)
                .toList();
    }

    private void findRivals(Map<String, Entry> entries) {
        List<InstallationGoal> ranked = new ArrayList<>();
        for (boolean here : new boolean[] {true, false}) {
            for (InstallationGoal one : goals.values()) {
                Entry entry = entries.get(one.name());
                boolean counts = here || (one.presence() == Presence.PRESENT && !evicted(entry));
                if (onMachine(entry) == here && counts) {
                    ranked.add(one);
                }
            }
        }
        List<InstallationGoal> stay = new ArrayList<>();
        for (InstallationGoal one : ranked) {
            Optional<InstallationGoal> winner = one.presence() == Presence.ABSENT
                    ? Optional.empty()
                    : stay.stream()
                            .filter(other -> excludes(one, other, entries) || excludes(other, one, entries))
                            .findFirst();
            winner.ifPresentOrElse(
                    other -> rivals.put(
                            one.name(),
                            new Rival(
                                    other.name(),
                                    other.presence() == Presence.ABSENT,
                                    onMachine(entries.get(other.name())))),
                    () -> stay.add(one));
        }
    }

    private static boolean evicted(@Nullable Entry entry) {
        return entry != null && entry.memory().evicted() && entry.status().state() == InstallationState.REMOVED;
    }

    private static boolean onMachine(@Nullable Entry entry) {
        return entry != null && (there(entry.current()) || there(entry.next()));
    }

    private static boolean there(@Nullable Deployed deployed) {
        return deployed != null && (deployed.installed() || deployed.updated() || deployed.enabled());
    }

    private static boolean excludes(InstallationGoal one, InstallationGoal other, Map<String, Entry> entries) {
        if (one.terms().conflicts().contains(other.name())) {
            return true;
        }
        Traits traits = traits(entries.get(one.name()));
        return traits != null
                && !one.extension().equals(other.extension())
                && traits.excludes().stream().anyMatch(reference -> is(reference, other));
    }

    /** What must be up before it, in the order of the goal's words; may name what the goal does not have. */
    Set<String> needs(String name) {
        return needs.getOrDefault(name, Set.of());
    }

    /** Who needs it, so that it may go only after them. */
    Set<String> dependants(String name) {
        return dependants.getOrDefault(name, Set.of());
    }

    /** Whether two that are to go wait for each other's end, however many others stand between them: then nobody goes first. */
    boolean leaveTogether(String name, String dependant) {
        Set<String> seen = new HashSet<>();
        Deque<String> left = new ArrayDeque<>(List.of(dependant));
        while (!left.isEmpty()) {
            for (String next : dependants(left.removeFirst())) {
                InstallationGoal goal = goals.get(next);
                if (next.equals(name)) {
                    return true;
                }
                if (goal != null && goal.presence() == Presence.ABSENT && seen.add(next)) {
                    left.addLast(next);
                }
            }
        }
        return false;
    }

    /** Extensions that its package needs and nobody wants on this machine. */
    List<String> missing(String name) {
        return missing.getOrDefault(name, List.of());
    }

    /** Who is there in its stead. */
    Optional<Rival> rival(String name) {
        return Optional.ofNullable(rivals.get(name));
    }

    /** The shortest way on which it needs itself: begins and ends with its name; empty when there is none. */
    List<String> cycle(String name) {
        if (!suspects.contains(name)) {
            return List.of();
        }
        Map<String, String> cameFrom = new HashMap<>();
        Deque<String> left = new ArrayDeque<>(List.of(name));
        while (!left.isEmpty()) {
            String at = left.removeFirst();
            for (String next : among(needs, at)) {
                if (next.equals(name)) {
                    return path(cameFrom, name, at);
                }
                if (cameFrom.putIfAbsent(next, at) == null) {
                    left.addLast(next);
                }
            }
        }
        return List.of();
    }

    private static List<String> path(Map<String, String> cameFrom, String name, String last) {
        List<String> path = new ArrayList<>(List.of(name));
        for (String at = last; !at.equals(name); at = Objects.requireNonNull(cameFrom.get(at))) {
            path.add(1, at);
        }
        path.add(name);
        return path;
    }
}
