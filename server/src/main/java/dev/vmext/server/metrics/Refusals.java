package dev.vmext.server.metrics;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What was last refused of each machine's samples, so that a person who misses them is told why. In memory only. Thread-safe. */
public final class Refusals {
    private static final int MOST = 10_000;

    private final Map<String, Refusal> last = new LinkedHashMap<>();

    /**
     * What of a machine was not taken.
     *
     * @param samples refused since the control plane started
     * @param reason of the last time, a sentence for people
     */
    public record Refusal(Instant at, long samples, String reason) {}

    /** Whether it is the first since {@code silence}, so that it is worth a line in the log. */
    public synchronized boolean refused(String machine, Instant now, long samples, String reason, Instant silence) {
        Refusal before = last.remove(machine);
        last.put(machine, new Refusal(now, samples + (before == null ? 0 : before.samples()), reason));
        if (last.size() > MOST) {
            var eldest = last.entrySet().iterator();
            eldest.next();
            eldest.remove();
        }
        return before == null
                || before.at().isBefore(silence)
                || !before.reason().equals(reason);
    }

    public synchronized Optional<Refusal> find(String machine) {
        return Optional.ofNullable(last.get(machine));
    }
}
