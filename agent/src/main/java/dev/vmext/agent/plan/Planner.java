package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Previous;
import dev.vmext.agent.journal.Step;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.InstallationState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From goal, journal and observations to the next step of each installation. It keeps nothing between two calls: asked again after
 * any crash it continues where the facts are. What the next step is says {@link NextStep}; whether its time has come,
 * {@link Readiness}; who goes before whom, {@link Precedence}; who gets a place and a lease, {@link Turns}. Pure; any thread.
 */
public final class Planner {
    /** One decision for every installation that is not busy with a step. */
    public List<Decision> plan(GoalState goal, Map<String, Entry> entries, Observed observed) {
        Map<String, InstallationGoal> wanted = new LinkedHashMap<>();
        for (InstallationGoal installation : goal.installations()) {
            wanted.put(installation.name(), installation);
        }
        Situation situation = new Situation(goal, wanted, entries, observed, Precedence.of(goal, entries));
        List<Decision> decisions = new ArrayList<>();
        for (InstallationGoal installation : goal.installations()) {
            Entry entry = entries.get(installation.name());
            if (entry != null && entry.intent() == null) {
                decisions.add(new Readiness(situation, installation, entry).decide());
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
     * Whether the machine is to be restarted now: handlers asked for it, and nothing is under way or could still go on without it.
     *
     * @param decisions that {@link #plan} made of the same entries
     */
    public Restart restart(Map<String, Entry> entries, Observed observed, List<Decision> decisions) {
        return RestartTime.of(entries, observed, decisions);
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
