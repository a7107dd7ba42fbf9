package dev.vmext.agent.host;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Decides what the janitor clears away. Pure. */
final class JanitorPlan {
    /** Of all logs of one extension. */
    static final long LOG_BYTES = 50L << 20;
    /** Logs of an extension that is no longer here. */
    static final Duration LOG_OF_NOBODY = Duration.ofDays(30);
    /** What no journal entry names: long enough that nothing can be about to be named. */
    static final Duration ABANDONED = Duration.ofDays(1);
    /** The newest core file is worth a look for a while. */
    static final Duration CORE = Duration.ofDays(7);

    static final long CORE_BYTES = 64L << 20;
    /** Of each name; handlers look at the newest, and some compare it with the one before. */
    static final int SETTINGS = 20;

    /** One thing to do. */
    sealed interface Deed {
        Path path();

        record Delete(Path path, String why) implements Deed {}

        /** Keeps the newer half of so many bytes. */
        record Cut(Path path, long limit) implements Deed {}
    }

    private JanitorPlan() {}

    /**
     * What to do.
     *
     * @param kept by the word of a package: neither they nor what is in them nor what they are in is touched
     */
    static List<Deed> decide(Collection<Leftover> found, Set<Path> kept, Instant now) {
        Map<Path, List<Leftover>> groups = new HashMap<>();
        List<Deed> deeds = new ArrayList<>();
        for (Leftover one : found) {
            switch (one.kind()) {
                case RUN, VERSION -> {
                    if (!one.inUse() && old(one, now, ABANDONED)) {
                        deeds.add(new Deed.Delete(one.path(), "nothing needs it any more"));
                    }
                }
                case LOG, CORE, SETTINGS ->
                    groups.computeIfAbsent(one.group(), group -> new ArrayList<>())
                            .add(one);
            }
        }
        for (List<Leftover> group : groups.values()) {
            group.sort(Comparator.comparing(Leftover::modified).reversed());
            switch (group.getFirst().kind()) {
                case LOG -> logs(group, now, deeds);
                case CORE -> cores(group, now, deeds);
                case SETTINGS -> settings(group, deeds);
                case RUN, VERSION -> throw new IllegalStateException("these have no groups");
            }
        }
        deeds.removeIf(
                deed -> kept.stream().anyMatch(keep -> deed.path().startsWith(keep) || keep.startsWith(deed.path())));
        return deeds;
    }

    private static boolean old(Leftover one, Instant now, Duration age) {
        return one.modified().isBefore(now.minus(age));
    }

    /** The newest file is somebody's current one: it is cut, never deleted, while its extension is here. */
    private static void logs(List<Leftover> newestFirst, Instant now, List<Deed> deeds) {
        Leftover newest = newestFirst.getFirst();
        if (!newest.inUse() && old(newest, now, LOG_OF_NOBODY)) {
            newestFirst.forEach(log -> deeds.add(new Deed.Delete(log.path(), "a log of nobody")));
            return;
        }
        long sum = 0;
        for (Leftover log : newestFirst) {
            sum += log.bytes();
            if (sum <= LOG_BYTES) {
                continue;
            }
            if (log.equals(newest)) {
                deeds.add(new Deed.Cut(log.path(), LOG_BYTES));
                sum = LOG_BYTES / 2;
            } else {
                deeds.add(new Deed.Delete(log.path(), "the newer logs of its extension fill their limit"));
                sum -= log.bytes();
            }
        }
    }

    private static void cores(List<Leftover> newestFirst, Instant now, List<Deed> deeds) {
        for (Leftover core : newestFirst) {
            boolean worthALook =
                    core.equals(newestFirst.getFirst()) && core.bytes() <= CORE_BYTES && !old(core, now, CORE);
            if (!worthALook) {
                deeds.add(new Deed.Delete(core.path(), "a core file"));
            }
        }
    }

    private static void settings(List<Leftover> group, List<Deed> deeds) {
        group.stream()
                .sorted(Comparator.comparingLong(Leftover::number).reversed())
                .skip(SETTINGS)
                .forEach(old -> deeds.add(new Deed.Delete(old.path(), "settings long replaced")));
    }
}
