package dev.vmext.server.jdbc;

import dev.vmext.fleet.Command;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.status.Cause;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/** The table of run-once commands. Inside one transaction, on its thread. */
final class CommandRows {
    private static final String COMMAND = """
            select id, machine_id, project, machine, script, digest, interpreter, run_as, folder, timeout, created_by, created_at,
                   expires_at, state, cancel_wanted, started_at, ended_at, exit_code, cause, out_bytes, err_bytes, truncated, revision
            from command where\s""";
    private static final String BY_ID = COMMAND + "id = :id";
    private static final String OF_MACHINE = COMMAND + "machine_id = :machineId";
    private static final String WAITING = COMMAND + "state = 'waiting-machine' and expires_at <= :now";
    private static final String ADD = """
            insert into command (id, machine_id, project, machine, script, digest, interpreter, run_as, folder, timeout, created_by,
                                 created_at, expires_at, state, cancel_wanted, started_at, ended_at, exit_code, cause, out_bytes,
                                 err_bytes, truncated, revision)
            values (:id, :machineId, :project, :machine, :script, :digest, :interpreter, :user, :folder, :timeout, :createdBy,
                    :createdAt, :expiresAt, :state, :cancelWanted, :startedAt, :endedAt, :exitCode, :cause, :out,
                    :err, :truncated, 1)
            on conflict (id) do nothing""";
    private static final String REPLACE = """
            update command set script = :script, state = :state, cancel_wanted = :cancelWanted, started_at = :startedAt,
                ended_at = :endedAt, exit_code = :exitCode, cause = :cause, out_bytes = :out, err_bytes = :err,
                truncated = :truncated, revision = :revision + 1
            where id = :id and revision = :revision""";

    private CommandRows() {}

    static Optional<Command> find(Handle handle, String id) {
        return handle.createQuery(BY_ID)
                .bind("id", id)
                .map((row, context) -> read(row))
                .findOne();
    }

    static List<Command> ofMachine(Handle handle, String machineId) {
        return handle.createQuery(OF_MACHINE)
                .bind("machineId", machineId)
                .map((row, context) -> read(row))
                .list();
    }

    static List<Command> waiting(Handle handle, Instant expiredBy) {
        return handle.createQuery(WAITING)
                .bind("now", expiredBy.toEpochMilli())
                .map((row, context) -> read(row))
                .list();
    }

    private static Command read(ResultSet row) throws SQLException {
        return new Command(
                Columns.text(row, "id"),
                Columns.text(row, "machine_id"),
                Columns.text(row, "project"),
                Columns.text(row, "machine"),
                new Command.Request(
                        Columns.text(row, "script"),
                        Columns.text(row, "digest"),
                        Columns.text(row, "interpreter"),
                        row.getString("run_as"),
                        Columns.text(row, "folder"),
                        Duration.ofSeconds(row.getLong("timeout"))),
                Columns.text(row, "created_by"),
                Columns.instant(row, "created_at"),
                Columns.instant(row, "expires_at"),
                new Command.Progress(
                        CommandState.find(Columns.text(row, "state"))
                                .orElseThrow(() -> new IllegalStateException("a command has no state that is known")),
                        row.getBoolean("cancel_wanted"),
                        Columns.instantOrNull(row, "started_at"),
                        Columns.instantOrNull(row, "ended_at"),
                        Columns.integer(row, "exit_code"),
                        Columns.cause(row, "cause"),
                        row.getLong("out_bytes"),
                        row.getLong("err_bytes"),
                        row.getBoolean("truncated")),
                row.getLong("revision"));
    }

    /** False when the row has moved on. */
    static boolean put(Handle handle, Command command) {
        Command.Request request = command.request();
        Command.Progress progress = command.progress();
        Cause cause = progress.cause();
        boolean isNew = command.revision() == 0;
        Update update = handle.createUpdate(isNew ? ADD : REPLACE)
                .bind("id", command.id())
                .bind("script", request.script())
                .bind("state", progress.state().wire())
                .bind("cancelWanted", progress.cancelWanted())
                .bind("startedAt", Columns.millis(progress.startedAt()))
                .bind("endedAt", Columns.millis(progress.endedAt()))
                .bind("exitCode", progress.exitCode())
                .bind("cause", cause == null ? null : Columns.json(cause))
                .bind("out", progress.out())
                .bind("err", progress.err())
                .bind("truncated", progress.truncated());
        if (isNew) {
            update.bind("machineId", command.machineId())
                    .bind("project", command.project())
                    .bind("machine", command.machine())
                    .bind("digest", request.digest())
                    .bind("interpreter", request.interpreter())
                    .bind("user", request.user())
                    .bind("folder", request.folder())
                    .bind("timeout", request.timeout().toSeconds())
                    .bind("createdBy", command.createdBy())
                    .bind("createdAt", command.createdAt().toEpochMilli())
                    .bind("expiresAt", command.expiresAt().toEpochMilli());
        } else {
            update.bind("revision", command.revision());
        }
        return update.execute() == 1;
    }

    static void delete(Handle handle, String id) {
        handle.createUpdate("delete from command where id = :id").bind("id", id).execute();
    }

    static void deleteAll(Handle handle, String machineId) {
        handle.createUpdate("delete from command where machine_id = :machineId")
                .bind("machineId", machineId)
                .execute();
    }
}
