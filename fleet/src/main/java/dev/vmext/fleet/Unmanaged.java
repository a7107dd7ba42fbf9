package dev.vmext.fleet;

import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.util.Objects;

/**
 * An installation that is, or may be, on a machine although nobody wants it here: its record was forgotten, or the machine brought it.
 * The agent leaves it as it is. It becomes managed by an installation of its name and extension, and goes by being uninstalled.
 *
 * @param status the last that was known of it
 * @param at when that was reported, or when it was forgotten
 * @param reported whether the machine has spoken of it since nobody manages it; while false it only may be there
 */
public record Unmanaged(
        String machineId, String project, String machine, InstallationStatus status, Instant at, boolean reported) {
    /** More than this a machine does not have; an agent that tells more is not believed. */
    static final int MOST = 256;

    public Unmanaged {
        Objects.requireNonNull(machineId);
        Objects.requireNonNull(project);
        Objects.requireNonNull(machine);
        Objects.requireNonNull(status);
        Objects.requireNonNull(at);
    }

    public String name() {
        return status.name();
    }
}
