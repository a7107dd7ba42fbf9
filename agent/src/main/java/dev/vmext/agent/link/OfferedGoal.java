package dev.vmext.agent.link;

import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.opamp.AgentRemoteConfig;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.PackagesAvailable;
import dev.vmext.protocol.opamp.ServerToAgent;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The two halves of a goal, settings and packages: each may come alone and is kept until the other one fits. Used by the link's thread. */
final class OfferedGoal {
    private @Nullable AgentRemoteConfig config;
    private @Nullable PackagesAvailable packages;

    /** The goal after this message, empty when it says nothing about one. */
    Optional<GoalOffer> heard(ServerToAgent message) {
        if (message.remoteConfig() == null && message.packagesAvailable() == null) {
            return Optional.empty();
        }
        config = message.remoteConfig() == null ? config : message.remoteConfig();
        packages = message.packagesAvailable() == null ? packages : message.packagesAvailable();
        AgentRemoteConfig whole = config;
        PackagesAvailable offered = packages;
        return whole == null
                ? Optional.empty()
                : Optional.of(
                        new GoalOffer(whole, offered == null ? new PackagesAvailable(Map.of(), Bytes.EMPTY) : offered));
    }
}
