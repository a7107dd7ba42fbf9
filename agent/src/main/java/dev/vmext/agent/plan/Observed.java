package dev.vmext.agent.plan;

import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * What the planner is told about the world.
 *
 * @param boot names this boot of the machine
 * @param mode how much the machine's owner leaves to the server
 * @param packages verified packages that lie on the machine
 * @param waitLimit how long one operation of an installation may wait in all: for others, its package, a lease, its turn, a restart
 * @param locks what was seen of each lease last; nothing for one at which nobody looked yet
 * @param parallel how many installations may be worked on at the same time
 * @param mayRestart whether the machine's owner lets the agent restart it
 */
public record Observed(
        Instant now,
        String boot,
        TrustMode mode,
        Set<Digest> packages,
        Duration waitLimit,
        Map<Lease, LockView> locks,
        int parallel,
        boolean mayRestart) {
    /** Machines are small; this many at a time keep one processor busy. */
    public static final int USUAL_PARALLEL = 4;

    public Observed {
        packages = Set.copyOf(packages);
        locks = Map.copyOf(locks);
    }

    /** A machine at whose locks nobody looked and that may be restarted. */
    public Observed(Instant now, String boot, TrustMode mode, Set<Digest> packages, Duration waitLimit) {
        this(now, boot, mode, packages, waitLimit, Map.of(), USUAL_PARALLEL, true);
    }
}
