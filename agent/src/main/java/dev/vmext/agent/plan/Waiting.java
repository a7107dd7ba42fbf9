package dev.vmext.agent.plan;

import dev.vmext.agent.host.LockHolder;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.RebootRequest;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ways in which an installation waits. All waiting of one operation together has one limit, counted from the operation's begin: what
 * waits longer is shown as timed out with the same cause, and goes on by itself if what it waited for comes later. The limit is {@link
 * Observed#waitLimit}, or the {@code wait} among the goal's deadlines. Pure.
 */
final class Waiting {
    /** Among the deadlines of a goal, beside the handler's commands. */
    static final String DEADLINE = "wait";

    private Waiting() {}

    static Decision.Await until(
            Entry entry, InstallationGoal goal, Observed observed, InstallationState state, Cause cause) {
        InstallationState shown = entry.status().state();
        Instant begun = entry.memory().begun();
        boolean atRest = shown.terminal() && shown != InstallationState.TIMED_OUT;
        Instant since =
                atRest ? observed.now() : begun != null ? begun : entry.status().since();
        Duration limit = goal.terms().deadlines().getOrDefault(DEADLINE, observed.waitLimit());
        boolean over = shown == InstallationState.TIMED_OUT || !observed.now().isBefore(since.plus(limit));
        return new Decision.Await(entry.name(), over ? InstallationState.TIMED_OUT : state, cause);
    }

    static Cause others(Entry entry, String other, String why, Map<String, String> more) {
        Map<String, String> evidence = new HashMap<>(more);
        evidence.put("installation", other);
        return new Cause(
                CauseClass.DEPENDENCY,
                "wait",
                "cannot start " + entry.name() + ": it waits for " + other + ", " + why,
                "look at installation " + other,
                evidence);
    }

    static Cause missing(Entry entry, List<String> extensions) {
        String all = String.join(", ", extensions);
        return new Cause(
                CauseClass.DEPENDENCY,
                "wait",
                "cannot start " + entry.name() + ": its package needs " + all
                        + ", which is not wanted on this machine in that version",
                "install " + all + " too",
                Map.of("needs", all));
    }

    static Cause turn(Entry entry, int parallel) {
        return new Cause(
                CauseClass.LOCK,
                "wait",
                entry.name() + " waits for its turn: " + parallel
                        + " installations are being worked on, which is as many as this machine does at a time",
                "",
                Map.of("parallel", String.valueOf(parallel)));
    }

    static Cause ours(Entry entry, String word, Lease lease, String holder) {
        return new Cause(
                CauseClass.LOCK,
                word,
                "cannot " + word + " " + entry.name() + " yet: " + name(lease) + " is used by installation " + holder,
                "",
                Map.of("lease", lease.text(), "installation", holder));
    }

    static Cause foreign(Entry entry, String word, Lease lease, List<LockHolder> holders) {
        LockHolder first = first(holders);
        Map<String, String> evidence = evidence(lease, first);
        String who = who(first);
        return new Cause(
                CauseClass.LOCK,
                word,
                "cannot " + word + " " + entry.name() + " yet: " + name(lease) + " is held by " + who + ": "
                        + first.what(),
                "wait until it is done, or end it",
                evidence);
    }

    private static LockHolder first(List<LockHolder> holders) {
        return holders.stream()
                .min(Comparator.comparingLong(LockHolder::pid).thenComparing(LockHolder::what))
                .orElseThrow();
    }

    private static Map<String, String> evidence(Lease lease, LockHolder holder) {
        Map<String, String> evidence = new HashMap<>();
        evidence.put("lease", lease.text());
        evidence.put("command", holder.command());
        evidence.put("holds", holder.what());
        if (holder.pid() > 0) {
            evidence.put("pid", String.valueOf(holder.pid()));
        }
        return evidence;
    }

    private static String who(LockHolder holder) {
        return holder.pid() > 0
                ? "process " + holder.pid() + " (" + holder.command() + ")"
                : holder.command().isEmpty() ? "somebody" : holder.command();
    }

    private static String name(Lease lease) {
        return switch (lease) {
            case PACKAGE_MANAGER -> "the package manager";
        };
    }

    static Cause restart(Entry entry, RebootRequest request, Observed observed) {
        Instant at = request.restartedAt();
        boolean mayRestart = observed.mayRestart();
        Map<String, String> evidence = new HashMap<>(Map.of("reason", request.reason()));
        String how;
        LockView view = observed.locks().get(Lease.PACKAGE_MANAGER);
        if (at != null) {
            how = "the agent asked for it at " + at + " and the machine did not go down";
        } else if (!mayRestart) {
            how = "the owner of this machine lets the agent not do it";
        } else if (view != null && !view.holders().isEmpty()) {
            LockHolder first = first(view.holders());
            evidence.putAll(evidence(Lease.PACKAGE_MANAGER, first));
            how = "it comes when " + who(first) + " is done with " + name(Lease.PACKAGE_MANAGER) + ": " + first.what();
        } else {
            how = "it comes when nothing else is under way";
        }
        return new Cause(
                CauseClass.REBOOT_PENDING,
                "restart",
                entry.name() + " goes on after a restart of the machine (" + request.reason() + "); " + how,
                at != null || !mayRestart ? "restart the machine" : "",
                evidence);
    }
}
