package dev.vmext.protocol.api;

import dev.vmext.protocol.problem.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A machine as the API shows it.
 *
 * @param state {@link MachineState#wire}
 * @param power running, stopped, absent or unknown, from the provider; null for a self-enrolled machine
 * @param message what is going on, in words: provisioning progress, why it is offline
 * @param progress percent of provisioning, null when not known
 * @param problem why its provider could not make or start it, null when nothing is wrong; start tries again
 * @param facts what the agent told about the machine: os, osVersion, arch, hostname, kernel, agentVersion, trustMode, machineId ...
 * @param goalGeneration newest goal compiled; {@code appliedGeneration} newest goal the agent acknowledged
 * @param unmanaged what is, or may be, on it although nobody wants it here
 * @param installations how many are wanted; {@code healthyInstallations} how many of them are healthy
 */
public record MachineView(
        String id,
        String name,
        String project,
        String provider,
        String state,
        @Nullable String power,
        @Nullable String message,
        @Nullable Integer progress,
        @Nullable Problem problem,
        Map<String, String> labels,
        Map<String, String> facts,
        @Nullable Integer cpus,
        @Nullable Integer memoryMiB,
        @Nullable Integer diskGiB,
        long goalGeneration,
        long appliedGeneration,
        int installations,
        int healthyInstallations,
        Instant createdAt,
        @Nullable Instant enrolledAt,
        @Nullable Instant lastSeen,
        List<UnmanagedView> unmanaged) {}
