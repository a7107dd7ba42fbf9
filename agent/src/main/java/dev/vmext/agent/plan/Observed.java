package dev.vmext.agent.plan;

import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * What the planner is told about the world.
 *
 * @param boot names this boot of the machine
 * @param mode how much the machine's owner leaves to the server
 * @param packages verified packages that lie on the machine
 * @param waitLimit how long an installation may wait for another one or for its package
 */
public record Observed(Instant now, String boot, TrustMode mode, Set<Digest> packages, Duration waitLimit) {
    public Observed {
        packages = Set.copyOf(packages);
    }
}
