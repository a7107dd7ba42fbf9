package dev.vmext.server.gateway;

import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.CapabilityLevel;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.RemoteConfigStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which goal one link was sent and which one its agent has. It never keeps a goal to send later: whoever sends asks for the newest.
 * Owned by one session; thread-safe.
 */
final class GoalPush {
    private static final Logger LOG = System.getLogger(GoalPush.class.getName());

    private final Fleet fleet;
    private final String machineId;
    private final String machineName;
    private @Nullable Sent sent;
    private Bytes reported = Bytes.EMPTY;
    private long acknowledged = -1;

    GoalPush(Fleet fleet, String machineId, String machineName) {
        this.fleet = fleet;
        this.machineId = machineId;
        this.machineName = machineName;
    }

    /**
     * The goal to send now, empty when the agent has it or it is on its way.
     *
     * @param level the agent's capability level
     */
    synchronized Optional<GoalOffer> next(int level) {
        Sent last = sent;
        if (last != null && fleet.goalGeneration(machineId) == last.generation()) {
            // Much happens to a machine that is no new goal: a look is cheaper than a compiled offer.
            return Optional.empty();
        }
        GoalState goal = fleet.offerGoal(machineId);
        GoalOffer offer = GoalStateCodec.encode(goal, CapabilityLevel.agreed(level));
        Sent now = new Sent(goal.generation(), offer.remoteConfig().configHash());
        if (last != null && now.generation() <= last.generation()) {
            return Optional.empty();
        }
        sent = now;
        if (last == null && now.config().equals(reported)) {
            // A link that came back: the agent has had this goal since before.
            acknowledge(now);
            return Optional.empty();
        }
        return Optional.of(offer);
    }

    /** The agent tells how far it is with a goal. */
    synchronized void reported(RemoteConfigStatus status) {
        if (status.status() == ApplyState.FAILED) {
            LOG.log(
                    Level.WARNING,
                    "machine {0}: the agent cannot use its goal: {1}; it keeps the one before",
                    machineName,
                    status.errorMessage());
            return;
        }
        if (status.status() != ApplyState.APPLYING && status.status() != ApplyState.APPLIED) {
            return;
        }
        reported = status.lastRemoteConfigHash();
        Sent now = sent;
        if (now != null && now.config().equals(reported)) {
            acknowledge(now);
        }
    }

    private void acknowledge(Sent goal) {
        if (goal.generation() > acknowledged) {
            fleet.goalAcknowledged(machineId, goal.generation());
            acknowledged = goal.generation();
        }
    }

    private record Sent(long generation, Bytes config) {}
}
