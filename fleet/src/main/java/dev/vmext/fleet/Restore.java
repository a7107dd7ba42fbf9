package dev.vmext.fleet;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A machine that is to get another disk before it boots again. It stays on record until that is done, whatever is killed meanwhile.
 *
 * @param id of this restore
 * @param anew a new virtual machine takes its place, and introduces itself anew
 * @param reseed the disk is older than the machine's certificate, so its agent must introduce itself anew
 * @param snapshotMachineId whose snapshot; null, as {@code snapshotId} is, for an empty machine
 */
public record Restore(
        String id,
        String machineId,
        String project,
        String machine,
        boolean anew,
        boolean reseed,
        @Nullable String snapshotMachineId,
        @Nullable String snapshotId,
        Instant at) {
    public Restore {
        Objects.requireNonNull(id);
        Objects.requireNonNull(machineId);
        Objects.requireNonNull(at);
        if ((snapshotId == null) != (snapshotMachineId == null) || (snapshotId == null && !anew)) {
            throw new IllegalArgumentException("a restore of machine " + machine + " without a disk");
        }
    }

    boolean uses(Snapshot snapshot) {
        return snapshot.id().equals(snapshotId);
    }
}
