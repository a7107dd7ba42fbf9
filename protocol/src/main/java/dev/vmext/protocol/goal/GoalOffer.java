package dev.vmext.protocol.goal;

import dev.vmext.protocol.opamp.AgentRemoteConfig;
import dev.vmext.protocol.opamp.PackagesAvailable;
import java.util.Objects;

/** A goal state as OpAMP carries it. Both parts belong into the same envelope. */
public record GoalOffer(AgentRemoteConfig remoteConfig, PackagesAvailable packagesAvailable) {
    public GoalOffer {
        Objects.requireNonNull(remoteConfig);
        Objects.requireNonNull(packagesAvailable);
    }
}
