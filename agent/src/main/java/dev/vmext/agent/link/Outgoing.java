package dev.vmext.agent.link;

import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.link.PackageTable;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.EffectiveConfig;
import dev.vmext.protocol.opamp.PackageStatuses;
import dev.vmext.protocol.opamp.PackagesAvailable;
import dev.vmext.protocol.opamp.RemoteConfigStatus;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane has to be told, latest only: no queue grows while it is away. The loop puts in, the link takes out; thread-safe.
 */
final class Outgoing {
    private final Map<String, InstallationStatus> latest = new LinkedHashMap<>();
    /** By installation: the report that was sent on this connection and is not acknowledged. */
    private final Map<String, Instant> sent = new LinkedHashMap<>();

    private final Map<String, Instant> acknowledged = new LinkedHashMap<>();
    private @Nullable RemoteConfigStatus goalStatus;
    private @Nullable EffectiveConfig effective;
    private PackagesAvailable offered = new PackagesAvailable(Map.of(), Bytes.EMPTY);
    private boolean goalStatusDue;
    private @Nullable String settingsKey;
    private boolean settingsKeyDue;

    synchronized void report(InstallationStatus status) {
        latest.put(status.name(), status);
        sent.remove(status.name());
        acknowledged.remove(status.name());
    }

    synchronized void forget(String installation) {
        latest.remove(installation);
        sent.remove(installation);
        acknowledged.remove(installation);
    }

    synchronized void goal(GoalOffer offer, ApplyState state, String error) {
        offered = state == ApplyState.FAILED ? offered : offer.packagesAvailable();
        RemoteConfigStatus next = new RemoteConfigStatus(offer.remoteConfig().configHash(), state, error);
        if (!next.equals(goalStatus)) {
            goalStatus = next;
            effective = state == ApplyState.APPLIED ? GoalStateCodec.effectiveConfig(offer.remoteConfig()) : effective;
            goalStatusDue = true;
        }
    }

    synchronized void settingsKey(String certificatePem) {
        settingsKey = certificatePem;
        settingsKeyDue = true;
    }

    /** Whether a goal is being worked on or a report is not acknowledged: the control plane may have something to say soon. */
    synchronized boolean awaits() {
        RemoteConfigStatus told = goalStatus;
        return !sent.isEmpty() || (told != null && told.status() == ApplyState.APPLYING);
    }

    /** A new connection: what was not acknowledged is sent again. */
    synchronized void reconnected() {
        sent.clear();
        settingsKeyDue = settingsKey != null;
        goalStatusDue = goalStatus != null;
    }

    /** The server asks for all reports, also for those that it acknowledged once. */
    synchronized void sendAllAgain() {
        sent.clear();
        acknowledged.clear();
    }

    /** A report that is to be sent now; it counts as sent. */
    synchronized Optional<InstallationStatus> nextReport() {
        for (InstallationStatus status : latest.values()) {
            if (!status.at().equals(sent.get(status.name())) && !status.at().equals(acknowledged.get(status.name()))) {
                sent.put(status.name(), status.at());
                return Optional.of(status);
            }
        }
        return Optional.empty();
    }

    synchronized void acknowledged(String installation, Instant at) {
        InstallationStatus status = latest.get(installation);
        if (status != null && status.at().equals(at)) {
            acknowledged.put(installation, at);
            sent.remove(installation);
        }
    }

    /** The status of the goal, if it was not sent on this connection; it counts as sent. */
    synchronized Optional<RemoteConfigStatus> nextGoalStatus() {
        if (!goalStatusDue) {
            return Optional.empty();
        }
        goalStatusDue = false;
        return Optional.ofNullable(goalStatus);
    }

    synchronized @Nullable EffectiveConfig effectiveConfig() {
        return effective;
    }

    /** How far the agent is with each package, as of now. */
    synchronized PackageStatuses packages() {
        return PackageTable.of(latest.values(), offered);
    }

    synchronized Optional<String> nextSettingsKey() {
        if (!settingsKeyDue) {
            return Optional.empty();
        }
        settingsKeyDue = false;
        return Optional.ofNullable(settingsKey);
    }

    synchronized List<InstallationStatus> all() {
        return new ArrayList<>(latest.values());
    }
}
