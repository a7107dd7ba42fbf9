package dev.vmext.server.jdbc;

import dev.vmext.fleet.Hardware;
import dev.vmext.fleet.Machine;
import dev.vmext.fleet.Machine.Condition;
import dev.vmext.fleet.Machine.GoalPosition;
import dev.vmext.fleet.Machine.Phase;
import dev.vmext.fleet.Machine.SettingsKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** The table of machines. Used inside one transaction, on its thread. */
final class MachineRows {
    private static final String COLUMNS = """
            id, project, name, provider, cpus, memory_mib, disk_gib, labels, trust, phase, message, percent, problem, power,
            power_wanted, facts, settings_thumbprint, settings_certificate, goal_generation, goal_digest, goal_offered,
            goal_applied, goal_applied_at, created_at, enrolled_at, last_seen, revision""";
    private static final String BY_ID = "select " + COLUMNS + " from machine where id = :id";
    private static final String BY_NAME =
            "select " + COLUMNS + " from machine where project = :project and name = :name";
    private static final String ALL = "select " + COLUMNS + " from machine order by project, name";
    private static final String OF_PROJECT =
            "select " + COLUMNS + " from machine where project = :project order by name";
    private static final String INSERT = """
            insert into machine (%s) values (:id, :project, :name, :provider, :cpus, :memoryMib, :diskGib, :labels, :trust, :phase,
                :message, :percent, :problem, :power, :powerWanted, :facts, :thumbprint, :certificate, :generation, :digest,
                :offered, :applied, :appliedAt, :createdAt, :enrolledAt, :lastSeen, 1)
            on conflict do nothing""".formatted(COLUMNS);
    private static final String UPDATE = """
            update machine set provider = :provider, cpus = :cpus, memory_mib = :memoryMib, disk_gib = :diskGib, labels = :labels,
                trust = :trust, phase = :phase, message = :message, percent = :percent, problem = :problem, power = :power,
                power_wanted = :powerWanted, facts = :facts, settings_thumbprint = :thumbprint,
                settings_certificate = :certificate, goal_generation = :generation, goal_digest = :digest,
                goal_offered = :offered, goal_applied = :applied, goal_applied_at = :appliedAt, enrolled_at = :enrolledAt, revision = revision + 1
            where id = :id and revision = :revision""";
    private static final String SEEN = "update machine set last_seen = :at where id = :id";
    private static final String DELETE = "delete from machine where id = :id";

    private MachineRows() {}

    static Optional<Machine> find(Handle handle, String id) {
        return handle.createQuery(BY_ID)
                .bind("id", id)
                .map((row, context) -> read(row))
                .findOne();
    }

    static Optional<Machine> find(Handle handle, String project, String name) {
        return handle.createQuery(BY_NAME)
                .bind("project", project)
                .bind("name", name)
                .map((row, context) -> read(row))
                .findOne();
    }

    static List<Machine> all(Handle handle) {
        return handle.createQuery(ALL).map((row, context) -> read(row)).list();
    }

    static List<Machine> ofProject(Handle handle, String project) {
        return handle.createQuery(OF_PROJECT)
                .bind("project", project)
                .map((row, context) -> read(row))
                .list();
    }

    private static Machine read(ResultSet row) throws SQLException {
        String thumbprint = row.getString("settings_thumbprint");
        return new Machine(
                Columns.text(row, "id"),
                Columns.text(row, "project"),
                Columns.text(row, "name"),
                Columns.text(row, "provider"),
                new Hardware(
                        Columns.integer(row, "cpus"),
                        Columns.integer(row, "memory_mib"),
                        Columns.integer(row, "disk_gib")),
                Columns.textMap(row, "labels"),
                row.getString("trust"),
                new Condition(
                        Phase.valueOf(Columns.text(row, "phase")),
                        row.getString("message"),
                        Columns.integer(row, "percent"),
                        Columns.problem(row, "problem"),
                        row.getString("power"),
                        row.getBoolean("power_wanted")),
                Columns.textMap(row, "facts"),
                thumbprint == null ? null : new SettingsKey(thumbprint, Columns.text(row, "settings_certificate")),
                new GoalPosition(
                        row.getLong("goal_generation"),
                        Columns.text(row, "goal_digest"),
                        row.getLong("goal_offered"),
                        row.getLong("goal_applied"),
                        Columns.instantOrNull(row, "goal_applied_at")),
                Columns.instant(row, "created_at"),
                Columns.instantOrNull(row, "enrolled_at"),
                Columns.instantOrNull(row, "last_seen"),
                row.getLong("revision"));
    }

    /** False when the row has moved on, or the name is taken. */
    static boolean put(Handle handle, Machine machine) {
        boolean fresh = machine.revision() == 0;
        var update = handle.createUpdate(fresh ? INSERT : UPDATE);
        bind(update, machine);
        if (fresh) {
            update.bind("project", machine.project())
                    .bind("name", machine.name())
                    .bind("createdAt", machine.createdAt().toEpochMilli())
                    .bind("lastSeen", Columns.millis(machine.lastSeen()));
        } else {
            update.bind("revision", machine.revision());
        }
        return Rows.changedOne(update.execute());
    }

    private static void bind(SqlStatement<?> update, Machine machine) {
        SettingsKey key = machine.settingsKey();
        @Nullable String thumbprint = key == null ? null : key.thumbprint();
        @Nullable String certificate = key == null ? null : key.certificatePem();
        Condition condition = machine.condition();
        update.bind("id", machine.id())
                .bind("provider", machine.provider())
                .bind("cpus", machine.hardware().cpus())
                .bind("memoryMib", machine.hardware().memoryMiB())
                .bind("diskGib", machine.hardware().diskGiB())
                .bind("labels", Columns.json(machine.labels()))
                .bind("trust", machine.trust())
                .bind("phase", condition.phase().name())
                .bind("message", condition.message())
                .bind("percent", condition.percent())
                .bind("problem", Columns.json(condition.problem()))
                .bind("power", condition.power())
                .bind("powerWanted", condition.powerWanted())
                .bind("facts", Columns.json(machine.facts()))
                .bind("thumbprint", thumbprint)
                .bind("certificate", certificate)
                .bind("generation", machine.goal().generation())
                .bind("digest", machine.goal().digest())
                .bind("offered", machine.goal().offered())
                .bind("applied", machine.goal().applied())
                .bind("appliedAt", Columns.millis(machine.goal().appliedAt()))
                .bind("enrolledAt", Columns.millis(machine.enrolledAt()));
    }

    static void seen(Handle handle, Map<String, Instant> seen) {
        if (seen.isEmpty()) {
            return;
        }
        try (PreparedBatch batch = handle.prepareBatch(SEEN)) {
            seen.forEach((id, at) ->
                    batch.bind("id", id).bind("at", at.toEpochMilli()).add());
            batch.execute();
        }
    }

    static void delete(Handle handle, String id) {
        handle.createUpdate(DELETE).bind("id", id).execute();
    }
}
