package dev.vmext.agent;

import dev.vmext.agent.host.LockHolder;
import dev.vmext.agent.plan.LockView;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When to look who holds a lease: at once when somebody wants it, and as long as a stranger has it again after one second, then slower, up
 * to every five. Looking itself is done by workers. Used by the loop.
 */
final class LeaseLooks {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration SLOWEST = Duration.ofSeconds(5);

    private final Map<Lease, LockView> views = new EnumMap<>(Lease.class);
    private final Map<Lease, Instant> due = new EnumMap<>(Lease.class);
    private final Map<Lease, Duration> pauses = new EnumMap<>(Lease.class);
    private final Set<Lease> wanted = EnumSet.noneOf(Lease.class);
    private final Set<Lease> looking = EnumSet.noneOf(Lease.class);

    Map<Lease, LockView> views() {
        return views;
    }

    /** Nobody wants anything until somebody says so. */
    void wantNothing() {
        wanted.clear();
    }

    void want(Lease lease) {
        wanted.add(lease);
    }

    /** Somebody waits because of this; what a stranger has is looked at again. */
    void wantFor(Cause cause) {
        if (cause.kind() == CauseClass.LOCK && !cause.evidence().containsKey("installation")) {
            String text = cause.evidence().getOrDefault("lease", "");
            Stream.of(Lease.values()).filter(lease -> lease.text().equals(text)).forEach(this::want);
        }
    }

    /** The leases to look at now; each is looked at once until {@link #seen}. */
    List<Lease> begin(Instant now) {
        List<Lease> begun = wanted.stream()
                .filter(lease -> !looking.contains(lease) && !isLater(due.get(lease), now))
                .toList();
        looking.addAll(begun);
        return begun;
    }

    private static boolean isLater(@Nullable Instant at, Instant now) {
        // A clock that was set back must not make it later than it could ever be.
        return at != null && at.isAfter(now) && !at.isAfter(now.plus(SLOWEST));
    }

    void seen(Lease lease, List<LockHolder> holders, Instant now) {
        looking.remove(lease);
        views.put(lease, new LockView(now, holders));
        if (holders.isEmpty()) {
            pauses.remove(lease);
            due.remove(lease);
            return;
        }
        Duration pause = pauses.getOrDefault(lease, FIRST);
        due.put(lease, now.plus(pause));
        Duration next = pause.plus(pause.dividedBy(2));
        pauses.put(lease, next.compareTo(SLOWEST) < 0 ? next : SLOWEST);
    }

    /** A command of ours begins or ended: what was seen before says nothing now. */
    void forget() {
        views.values().removeIf(view -> view.holders().isEmpty());
    }

    /** When the loop should wake up for it, null when nobody waits. */
    @Nullable Instant next() {
        Instant next = null;
        for (Lease lease : wanted) {
            Instant at = looking.contains(lease) ? null : due.get(lease);
            next = at != null && (next == null || at.isBefore(next)) ? at : next;
        }
        return next;
    }
}
