package dev.vmext.agent;

import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Finds steps whose worker does not answer: first it is told to stop, and when that does not help either, nobody waits for it any more.
 * Each gets half a minute, so that an operation ends at most a minute after its deadlines. Goes by a clock that nobody can set. Used by
 * the loop.
 */
final class Overdue {
    private static final long GRACE = Duration.ofSeconds(30).toNanos();

    private final LongSupplier nanoTime;
    private final Map<String, Long> ends = new HashMap<>();
    private final Map<String, Long> stops = new HashMap<>();

    Overdue(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Steps that should have ended and were not told to stop yet. */
    List<Entry> late(Collection<Entry> entries) {
        long now = nanoTime.getAsLong();
        Set<String> known = new HashSet<>();
        List<Entry> late = new ArrayList<>();
        for (Entry entry : entries) {
            Intent intent = entry.intent();
            if (intent != null) {
                known.add(intent.run());
                long whole =
                        Duration.between(intent.startedAt(), intent.deadline()).toNanos();
                long end = ends.computeIfAbsent(intent.run(), _ -> now + whole + GRACE);
                if (intent.stop() == null && now - end >= 0) {
                    late.add(entry);
                }
            }
        }
        ends.keySet().retainAll(known);
        stops.keySet().retainAll(known);
        return late;
    }

    /** Steps that were told to stop and did not. */
    List<Entry> lost(Collection<Entry> entries) {
        long now = nanoTime.getAsLong();
        List<Entry> lost = new ArrayList<>();
        for (Entry entry : entries) {
            Intent intent = entry.intent();
            if (intent != null && intent.stop() != null) {
                long end = stops.computeIfAbsent(intent.run(), _ -> now + GRACE);
                if (now - end >= 0) {
                    lost.add(entry);
                }
            }
        }
        return lost;
    }
}
