package dev.vmext.agent;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Trial;
import dev.vmext.agent.run.HealthWatch;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Which enabled version is looked at when. One look at a time for each installation. Used by the loop. */
final class Watches {
    private final HealthWatch.Maker maker;
    private final Map<String, Watching> watching = new HashMap<>();
    private final Set<String> looking = new HashSet<>();

    private record Watching(Deployed version, HealthWatch watch) {}

    Watches(HealthWatch.Maker maker) {
        this.maker = maker;
    }

    /** Hands every look that is due to the one who has it done. */
    void begin(Collection<Entry> entries, Instant now, BiConsumer<Entry, HealthWatch> look) {
        Set<String> known = new HashSet<>();
        for (Entry entry : entries) {
            known.add(entry.name());
            Deployed active = entry.active().filter(Deployed::enabled).orElse(null);
            if (active == null || entry.intent() != null) {
                watching.remove(entry.name());
                continue;
            }
            Watching one = watching.get(entry.name());
            if (one == null || !one.version().equals(active)) {
                one = new Watching(active, maker.make());
                watching.put(entry.name(), one);
            }
            if ((!one.watch().due().isAfter(now) || trialEnds(entry, now)) && looking.add(entry.name())) {
                look.accept(entry, one.watch());
            }
        }
        watching.keySet().retainAll(known);
    }

    /** A trial is decided by a look at its very end. */
    private static boolean trialEnds(Entry entry, Instant now) {
        Trial trial = entry.memory().trial();
        return trial != null && !trial.passed() && !trial.until().isAfter(now);
    }

    void ended(String installation) {
        looking.remove(installation);
    }

    /** The time until the next look, at most this long. */
    Duration untilNext(Instant now, Duration atMost) {
        Duration shortest = atMost;
        for (Map.Entry<String, Watching> one : watching.entrySet()) {
            if (!looking.contains(one.getKey())) {
                Duration left = Duration.between(now, one.getValue().watch().due());
                shortest = left.compareTo(shortest) < 0 ? left : shortest;
            }
        }
        return shortest;
    }
}
