package dev.vmext.fleet.testing;

import dev.vmext.fleet.FleetChange.SnapshotChange;
import dev.vmext.fleet.Restore;
import dev.vmext.fleet.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Snapshots and restores of a store in memory; only used while its lock is held. */
final class SnapshotsInMemory {
    private final Map<String, Snapshot> snapshots = new TreeMap<>();
    private final Map<String, Restore> restores = new TreeMap<>();

    long revision(String id) {
        Snapshot stored = snapshots.get(id);
        return stored == null ? 0 : stored.revision();
    }

    void apply(SnapshotChange change) {
        switch (change) {
            case SnapshotChange.SnapshotPut(var put) -> snapshots.put(put.id(), put.stored(put.revision() + 1));
            case SnapshotChange.SnapshotGone gone -> snapshots.remove(gone.id());
            case SnapshotChange.RestorePut(var put) -> restores.put(put.machineId(), put);
            case SnapshotChange.RestoreGone(var machineId) -> restores.remove(machineId);
        }
    }

    void machineGone(String machineId) {
        snapshots.values().removeIf(one -> one.machineId().equals(machineId));
        restores.remove(machineId);
    }

    Optional<Snapshot> find(String id) {
        return Optional.ofNullable(snapshots.get(id));
    }

    List<Snapshot> all() {
        return List.copyOf(snapshots.values());
    }

    Optional<Restore> findRestore(String machineId) {
        return Optional.ofNullable(restores.get(machineId));
    }

    List<Restore> restores() {
        return List.copyOf(restores.values());
    }
}
