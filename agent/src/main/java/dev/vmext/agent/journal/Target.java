package dev.vmext.agent.journal;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;

/** What of a goal makes a difference for one installation: as long as it is equal, a failure stands and nothing is repeated. */
public record Target(Digest digest, long sequence, Presence presence) {
    public static Target of(InstallationGoal goal) {
        return new Target(goal.packageDigest(), goal.sequence(), goal.presence());
    }
}
