package dev.vmext.server.jdbc;

import dev.vmext.fleet.FleetChange.SnapshotChange;
import dev.vmext.fleet.Restore;
import dev.vmext.fleet.Snapshot;
import dev.vmext.fleet.Snapshot.Consistency;
import dev.vmext.fleet.Snapshot.State;
import dev.vmext.fleet.provider.DiskSnapshot;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** The tables of snapshots and of machines that are to get another disk. Inside one transaction, on its thread. */
final class SnapshotRows {
    private static final String COLUMNS = """
        id, machine_id, project, machine, wished_consistency, wished_full, longest_chain, keep, state, parent, depth, why_full,
        running, disk_bytes, bytes, digest, consistency, note, at, checked_at, faults, problem, created_by, created_at,
        ended_at, revision\
        """;
    private static final String SELECT = "select " + COLUMNS + " from snapshot ";
    private static final String ADD = """
        insert into snapshot (%s)
        values (:id, :machineId, :project, :machine, :wishedConsistency, :wishedFull, :longestChain, :keep, :state, :parent,
                :depth, :whyFull, :running, :diskBytes, :bytes, :digest, :consistency, :note, :at, :checkedAt, :faults,
                :problem, :createdBy, :createdAt, :endedAt, 1)
        on conflict (id) do nothing\
        """.formatted(COLUMNS);
    private static final String REPLACE = """
        update snapshot set state = :state, parent = :parent, depth = :depth, why_full = :whyFull, running = :running,
            disk_bytes = :diskBytes, bytes = :bytes, digest = :digest, consistency = :consistency, note = :note, at = :at,
            checked_at = :checkedAt, faults = :faults, problem = :problem, ended_at = :endedAt, revision = :revision + 1
        where id = :id and revision = :revision\
        """;
    private static final String RESTORE =
            "select id, machine_id, project, machine, anew, reseed, snapshot_machine_id, snapshot_id, at from restore ";
    private static final String PUT_RESTORE = """
        insert into restore (id, machine_id, project, machine, anew, reseed, snapshot_machine_id, snapshot_id, at)
        values (:id, :machineId, :project, :machine, :anew, :reseed, :snapshotMachineId, :snapshotId, :at)
        on conflict (machine_id) do update set id = :id, anew = :anew, reseed = :reseed,
            snapshot_machine_id = :snapshotMachineId, snapshot_id = :snapshotId, at = :at\
        """;

    private SnapshotRows() {}

    static Optional<Snapshot> find(Handle handle, String id) {
        return handle.createQuery(SELECT + "where id = :id")
                .bind("id", id)
                .map((row, context) -> read(row))
                .findOne();
    }

    static List<Snapshot> ofMachine(Handle handle, String machineId) {
        return handle.createQuery(SELECT + "where machine_id = :machineId")
                .bind("machineId", machineId)
                .map((row, context) -> read(row))
                .list();
    }

    static List<Snapshot> all(Handle handle) {
        return handle.createQuery(SELECT).map((row, context) -> read(row)).list();
    }

    private static Snapshot read(ResultSet row) throws SQLException {
        Instant checkedAt = Columns.instantOrNull(row, "checked_at");
        return new Snapshot(
                Columns.text(row, "id"),
                Columns.text(row, "machine_id"),
                Columns.text(row, "project"),
                Columns.text(row, "machine"),
                new Snapshot.Wish(
                        Consistency.valueOf(Columns.text(row, "wished_consistency")),
                        row.getBoolean("wished_full"),
                        row.getInt("longest_chain"),
                        Columns.integer(row, "keep")),
                State.valueOf(Columns.text(row, "state")),
                taken(row),
                checkedAt == null ? null : new Snapshot.Check(checkedAt, Columns.texts(row, "faults")),
                Columns.problem(row, "problem"),
                Columns.text(row, "created_by"),
                Columns.instant(row, "created_at"),
                Columns.instantOrNull(row, "ended_at"),
                row.getLong("revision"));
    }

    private static Snapshot.@Nullable Taken taken(ResultSet row) throws SQLException {
        String consistency = row.getString("consistency");
        if (consistency == null) {
            return null;
        }
        return new Snapshot.Taken(
                new DiskSnapshot(
                        Columns.text(row, "id"),
                        Optional.ofNullable(row.getString("parent")),
                        row.getInt("depth"),
                        Columns.text(row, "why_full"),
                        row.getBoolean("running"),
                        row.getLong("disk_bytes"),
                        row.getLong("bytes"),
                        Columns.text(row, "digest")),
                Consistency.valueOf(consistency),
                Columns.text(row, "note"),
                Columns.instant(row, "at"));
    }

    /** False when the row has moved on. */
    static boolean apply(Handle handle, SnapshotChange change) {
        return switch (change) {
            case SnapshotChange.SnapshotPut(var put) -> put(handle, put);
            case SnapshotChange.SnapshotGone gone -> {
                handle.createUpdate("delete from snapshot where id = :id")
                        .bind("id", gone.id())
                        .execute();
                yield true;
            }
            case SnapshotChange.RestorePut(var put) -> {
                handle.createUpdate(PUT_RESTORE)
                        .bind("id", put.id())
                        .bind("machineId", put.machineId())
                        .bind("project", put.project())
                        .bind("machine", put.machine())
                        .bind("anew", put.anew())
                        .bind("reseed", put.reseed())
                        .bind("snapshotMachineId", put.snapshotMachineId())
                        .bind("snapshotId", put.snapshotId())
                        .bind("at", put.at().toEpochMilli())
                        .execute();
                yield true;
            }
            case SnapshotChange.RestoreGone(var machineId) -> {
                deleteRestore(handle, machineId);
                yield true;
            }
        };
    }

    private static boolean put(Handle handle, Snapshot snapshot) {
        boolean isNew = snapshot.revision() == 0;
        Snapshot.Taken taken = snapshot.taken();
        Snapshot.Check check = snapshot.check();
        DiskSnapshot disk = taken == null ? null : taken.disk();
        Update update = handle.createUpdate(isNew ? ADD : REPLACE)
                .bind("id", snapshot.id())
                .bind("state", snapshot.state().name())
                .bind("parent", disk == null ? null : disk.parent().orElse(null))
                .bind("depth", disk == null ? 0 : disk.depth())
                .bind("whyFull", disk == null ? null : disk.whyFull())
                .bind("running", disk != null && disk.running())
                .bind("diskBytes", disk == null ? 0L : disk.diskBytes())
                .bind("bytes", disk == null ? 0L : disk.bytes())
                .bind("digest", disk == null ? null : disk.digest())
                .bind("consistency", taken == null ? null : taken.consistency().name())
                .bind("note", taken == null ? null : taken.note())
                .bind("at", taken == null ? null : Columns.millis(taken.at()))
                .bind("checkedAt", check == null ? null : Columns.millis(check.at()))
                .bind("faults", check == null ? null : Columns.json(check.faults()))
                .bind("problem", Columns.json(snapshot.problem()))
                .bind("endedAt", Columns.millis(snapshot.endedAt()));
        if (isNew) {
            update.bind("machineId", snapshot.machineId())
                    .bind("project", snapshot.project())
                    .bind("machine", snapshot.machine())
                    .bind("wishedConsistency", snapshot.wish().consistency().name())
                    .bind("wishedFull", snapshot.wish().full())
                    .bind("longestChain", snapshot.wish().longestChain())
                    .bind("keep", snapshot.wish().keep())
                    .bind("createdBy", snapshot.createdBy())
                    .bind("createdAt", snapshot.createdAt().toEpochMilli());
        } else {
            update.bind("revision", snapshot.revision());
        }
        return Rows.changedOne(update.execute());
    }

    static Optional<Restore> findRestore(Handle handle, String machineId) {
        return handle.createQuery(RESTORE + "where machine_id = :machineId")
                .bind("machineId", machineId)
                .map((row, context) -> restore(row))
                .findOne();
    }

    static List<Restore> restores(Handle handle) {
        return handle.createQuery(RESTORE + "order by machine_id")
                .map((row, context) -> restore(row))
                .list();
    }

    private static Restore restore(ResultSet row) throws SQLException {
        return new Restore(
                Columns.text(row, "id"),
                Columns.text(row, "machine_id"),
                Columns.text(row, "project"),
                Columns.text(row, "machine"),
                row.getBoolean("anew"),
                row.getBoolean("reseed"),
                row.getString("snapshot_machine_id"),
                row.getString("snapshot_id"),
                Columns.instant(row, "at"));
    }

    private static void deleteRestore(Handle handle, String machineId) {
        handle.createUpdate("delete from restore where machine_id = :machineId")
                .bind("machineId", machineId)
                .execute();
    }

    static void deleteAll(Handle handle, String machineId) {
        handle.createUpdate("delete from snapshot where machine_id = :machineId")
                .bind("machineId", machineId)
                .execute();
        deleteRestore(handle, machineId);
    }
}
