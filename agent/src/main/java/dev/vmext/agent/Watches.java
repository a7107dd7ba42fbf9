package dev.vmext.agent;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.journal.Trial;
import dev.vmext.agent.run.HealthWatch;
import dev.vmext.packageformat.manifest.HandlerCommand;
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
    /** When the enable began that is under way, or that ended and is not looked at yet. */
    private final Map<String, Instant> enabling = new HashMap<>();

    private Set<String> running = Set.of();

    private record Watching(Deployed version, HealthWatch watch) {}

    Watches(HealthWatch.Maker maker) {
        this.maker = maker;
    }

    /** Hands every look that is due to the one who has it done. */
    void begin(Collection<Entry> entries, Instant now, BiConsumer<Entry, HealthWatch> look) {
        tellWhatRuns(entries);
        Set<String> known = new HashSet<>();
        for (Entry entry : entries) {
            known.add(entry.name());
            noteEnable(entry);
            Deployed active = entry.active().filter(Deployed::enabled).orElse(null);
            if (active == null || entry.intent() != null) {
                watching.remove(entry.name());
                continue;
            }
            Watching one = watching.get(entry.name());
            if (one == null || !one.version().equals(active)) {
                one = new Watching(active, maker.make(enabling.remove(entry.name())));
                watching.put(entry.name(), one);
            }
            if ((!one.watch().due().isAfter(now) || trialEnds(entry, now)) && looking.add(entry.name())) {
                look.accept(entry, one.watch());
            }
        }
        watching.keySet().retainAll(known);
        enabling.keySet().retainAll(known);
    }

    private void noteEnable(Entry entry) {
        Intent intent = entry.intent();
        if (intent != null) {
            boolean enables = intent.step() instanceof Step.Run run && run.command() == HandlerCommand.ENABLE;
            if (enables) {
                enabling.put(entry.name(), intent.startedAt());
            } else {
                enabling.remove(entry.name());
            }
        }
    }

    /** Before any look, which tells what of these is to be asked for metrics. */
    private void tellWhatRuns(Collection<Entry> entries) {
        Set<String> runs = new HashSet<>();
        for (Entry entry : entries) {
            if (entry.active().filter(Deployed::enabled).isPresent() && !ends(entry)) {
                runs.add(entry.name());
            }
        }
        if (!runs.equals(running)) {
            running = runs;
            maker.monitoring().only(Set.copyOf(runs));
        }
    }

    /** Whether the step under way ends the version that is enabled, and not one that it replaced. */
    private static boolean ends(Entry entry) {
        Intent intent = entry.intent();
        return intent != null
                && switch (intent.step()) {
                    case Step.Run run ->
                        run.slot() == entry.activeSlot()
                                && (run.command() == HandlerCommand.DISABLE
                                        || run.command() == HandlerCommand.UNINSTALL);
                    case Step.Remove remove -> remove.slot() == entry.activeSlot();
                    case Step.Forget _ -> true;
                    case Step.Fetch _,
                            Step.Unpack _,
                            Step.WriteSettings _,
                            Step.KeepOld _,
                            Step.CopyState _,
                            Step.RestoreOld _,
                            Step.Adopt _ -> false;
                };
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
