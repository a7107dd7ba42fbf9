package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may begin a step now: of those that could, as many as the machine works on at a time, and of those that need something of which
 * it has one, one after the other and only while no stranger holds it. Who began an operation goes before who has not; otherwise the goal's
 * order holds. Pure; used once.
 */
final class Turns {
    /** What is being taken away by force waits only so long for a stranger: it is passed over what goes wrong. */
    private static final Duration PURGE_WAITS = Duration.ofMinutes(1);

    private final Map<String, InstallationGoal> wanted;
    private final Map<String, Entry> entries;
    private final Observed observed;
    private final Map<Lease, String> taken = new EnumMap<>(Lease.class);
    private int free;

    Turns(Map<String, InstallationGoal> wanted, Map<String, Entry> entries, Observed observed) {
        this.wanted = wanted;
        this.entries = entries;
        this.observed = observed;
        this.free = observed.parallel();
        for (Entry entry : entries.values()) {
            Intent intent = entry.intent();
            if (intent != null) {
                free--;
                leases(entry, intent.step()).forEach(lease -> taken.put(lease, entry.name()));
            }
        }
    }

    List<Decision> given(List<Decision> decisions) {
        Map<String, Decision> changed = new HashMap<>();
        decisions.stream()
                .filter(Decision.Act.class::isInstance)
                .map(Decision.Act.class::cast)
                .sorted(Comparator.comparing(act -> !begun(entry(act))))
                .forEach(act -> changed.put(act.name(), turn(act)));
        List<Decision> given = new ArrayList<>();
        for (Decision decision : decisions) {
            given.add(changed.getOrDefault(decision.name(), decision));
        }
        return given;
    }

    private Entry entry(Decision decision) {
        Entry entry = entries.get(decision.name());
        if (entry == null) {
            throw new IllegalStateException("a decision about an unknown installation " + decision.name());
        }
        return entry;
    }

    /** Whether it is in the middle of something. */
    private static boolean begun(Entry entry) {
        return switch (entry.status().state()) {
            case INSTALLING, ENABLING, UPDATING, DISABLING, REMOVING -> true;
            case WAITING_MACHINE,
                    PENDING,
                    WAITING_PACKAGE,
                    WAITING_LEASE,
                    BLOCKED,
                    READY,
                    RETURNED,
                    REMOVED,
                    FAILED,
                    TIMED_OUT -> entry.previous() != null;
        };
    }

    private Decision turn(Decision.Act act) {
        Entry entry = entry(act);
        if (free <= 0) {
            return begun(entry) || quietly(entry)
                    ? new Decision.Rest(act.name())
                    : waiting(entry, InstallationState.PENDING, Waiting.turn(entry, observed.parallel()));
        }
        List<Lease> leases = leases(entry, act.step());
        for (Lease lease : leases) {
            Optional<Decision> instead = instead(entry, act.step(), lease);
            if (instead.isPresent()) {
                return instead.get();
            }
        }
        leases.forEach(lease -> taken.put(lease, entry.name()));
        free--;
        return act;
    }

    private Optional<Decision> instead(Entry entry, Step step, Lease lease) {
        String holder = taken.get(lease);
        if (holder != null) {
            return Optional.of(waitingForLease(entry, lease, Waiting.ours(entry, step.word(), lease, holder)));
        }
        LockView view = observed.locks().get(lease);
        Instant begun = entry.memory().begun();
        boolean force = entry.memory().purge() != null
                && begun != null
                && !observed.now().isBefore(begun.plus(PURGE_WAITS));
        if (force) {
            return Optional.empty();
        }
        if (view == null || (view.holders().isEmpty() && !view.fresh(observed.now()))) {
            return Optional.of(new Decision.Look(entry.name(), lease));
        }
        return view.holders().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        waitingForLease(entry, lease, Waiting.foreign(entry, step.word(), lease, view.holders())));
    }

    private Decision waitingForLease(Entry entry, Lease lease, Cause cause) {
        return quietly(entry)
                ? new Decision.Look(entry.name(), lease)
                : waiting(entry, InstallationState.WAITING_LEASE, cause);
    }

    /** It was given up and is only kept alive: that it waits for that is nobody's news. */
    private static boolean quietly(Entry entry) {
        Failure failure = entry.failure();
        return failure != null && failure.retryAt() == null;
    }

    private Decision waiting(Entry entry, InstallationState state, Cause cause) {
        InstallationGoal goal = wanted.get(entry.name());
        return Waiting.until(entry, goal == null ? Planner.gone(entry) : goal, observed, state, cause);
    }

    private static List<Lease> leases(Entry entry, Step step) {
        if (!(step instanceof Step.Run(Slot slot, var _, Slot code))) {
            return List.of();
        }
        @Nullable Deployed called = entry.find(code).or(() -> entry.find(slot)).orElse(null);
        return called == null ? List.of() : called.traits().leases();
    }
}
