package dev.vmext.fleet;

import dev.vmext.protocol.status.InstallationStatus;
import java.util.Objects;

/** One observed status and the machine that sent it. */
public record MachineStatus(String machineId, InstallationStatus status) {
    public MachineStatus {
        Objects.requireNonNull(machineId);
        Objects.requireNonNull(status);
    }
}
