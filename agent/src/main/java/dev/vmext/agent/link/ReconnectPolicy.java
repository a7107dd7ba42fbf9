package dev.vmext.agent.link;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How long to stay away after a connection failed or ended: a random part of a delay that doubles up to five minutes, random there
 * too, so that a fleet never comes back at one moment. The gateway's own wish counts, stretched a little for the same reason. Used by
 * the link's thread.
 */
final class ReconnectPolicy {
    private static final Duration FIRST = Duration.ofSeconds(1);
    static final Duration CAP = Duration.ofMinutes(5);
    /** The gateway may ask for more; a wrong number must not send a machine away for ever. */
    static final Duration LONGEST_WISH = Duration.ofHours(1);

    private static final double SPREAD = 0.25;

    private final RandomGenerator random;
    private int failures;

    ReconnectPolicy(RandomGenerator random) {
        this.random = random;
    }

    /** A connection worked. */
    void succeeded() {
        failures = 0;
    }

    /**
     * The wait before the next try.
     *
     * @param wish what the gateway asked for, null for nothing
     */
    Duration next(@Nullable Duration wish) {
        if (wish != null) {
            Duration obeyed = wish.compareTo(LONGEST_WISH) < 0 ? wish : LONGEST_WISH;
            return obeyed.plusMillis(Math.round(obeyed.toMillis() * SPREAD * random.nextDouble()));
        }
        Duration limit = FIRST;
        for (int i = 0; i < failures && limit.compareTo(CAP) < 0; i++) {
            limit = limit.multipliedBy(2);
        }
        failures++;
        Duration capped = limit.compareTo(CAP) < 0 ? limit : CAP;
        return Duration.ofMillis(Math.round(capped.toMillis() * random.nextDouble()));
    }
}
