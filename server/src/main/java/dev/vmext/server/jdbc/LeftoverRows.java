package dev.vmext.server.jdbc;

import dev.vmext.fleet.Removal;
import dev.vmext.fleet.Unmanaged;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusReportCodec;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The tables of what machines had, and of what is on them without being wanted here. Inside one transaction, on its thread. */
final class LeftoverRows {
    private static final String REMOVALS = """
            select machine_id, project, machine, status, at, how from removal where machine_id = :machineId order by id desc""";
    private static final String ADD_REMOVAL = """
            insert into removal (machine_id, project, machine, status, at, how)
            values (:machineId, :project, :machine, :status, :at, :how)""";
    private static final String TRIM_REMOVALS = """
            delete from removal where machine_id = :machineId and id not in
                (select id from removal where machine_id = :machineId order by id desc limit :kept)""";
    private static final String DELETE_REMOVALS = "delete from removal where machine_id = :machineId";

    private static final String UNMANAGED =
            "select machine_id, project, machine, status, at, reported from unmanaged where ";
    private static final String OF_MACHINE = UNMANAGED + "machine_id = :machineId order by name";
    private static final String OF_PROJECT = UNMANAGED + "project = :project order by machine, name";
    private static final String PUT = """
            insert into unmanaged (machine_id, name, project, machine, status, at, reported)
            values (:machineId, :name, :project, :machine, :status, :at, :reported)
            on conflict (machine_id, name) do update set status = :status, at = :at, reported = :reported""";
    private static final String DELETE = "delete from unmanaged where machine_id = :machineId and name = :name";
    private static final String DELETE_ALL = "delete from unmanaged where machine_id = :machineId";

    private LeftoverRows() {}

    static List<Removal> removals(Handle handle, String machineId) {
        return handle.createQuery(REMOVALS)
                .bind("machineId", machineId)
                .map((row, context) -> removal(row))
                .list();
    }

    private static Removal removal(ResultSet row) throws SQLException {
        return new Removal(
                Columns.text(row, "machine_id"),
                Columns.text(row, "project"),
                Columns.text(row, "machine"),
                status(row),
                Columns.instant(row, "at"),
                Removal.How.valueOf(Columns.text(row, "how")));
    }

    static void add(Handle handle, Removal removal) {
        handle.createUpdate(ADD_REMOVAL)
                .bind("machineId", removal.machineId())
                .bind("project", removal.project())
                .bind("machine", removal.machine())
                .bind("status", text(removal.last()))
                .bind("at", removal.at().toEpochMilli())
                .bind("how", removal.how().name())
                .execute();
        handle.createUpdate(TRIM_REMOVALS)
                .bind("machineId", removal.machineId())
                .bind("kept", Removal.KEPT)
                .execute();
    }

    static List<Unmanaged> ofMachine(Handle handle, String machineId) {
        return handle.createQuery(OF_MACHINE)
                .bind("machineId", machineId)
                .map((row, context) -> unmanaged(row))
                .list();
    }

    static List<Unmanaged> ofProject(Handle handle, String project) {
        return handle.createQuery(OF_PROJECT)
                .bind("project", project)
                .map((row, context) -> unmanaged(row))
                .list();
    }

    private static Unmanaged unmanaged(ResultSet row) throws SQLException {
        return new Unmanaged(
                Columns.text(row, "machine_id"),
                Columns.text(row, "project"),
                Columns.text(row, "machine"),
                status(row),
                Columns.instant(row, "at"),
                row.getBoolean("reported"));
    }

    static void put(Handle handle, Unmanaged unmanaged) {
        handle.createUpdate(PUT)
                .bind("machineId", unmanaged.machineId())
                .bind("name", unmanaged.name())
                .bind("project", unmanaged.project())
                .bind("machine", unmanaged.machine())
                .bind("status", text(unmanaged.status()))
                .bind("at", unmanaged.at().toEpochMilli())
                .bind("reported", unmanaged.reported())
                .execute();
    }

    static void delete(Handle handle, String machineId, String name) {
        handle.createUpdate(DELETE)
                .bind("machineId", machineId)
                .bind("name", name)
                .execute();
    }

    static void deleteAll(Handle handle, String machineId) {
        handle.createUpdate(DELETE_ALL).bind("machineId", machineId).execute();
        handle.createUpdate(DELETE_REMOVALS).bind("machineId", machineId).execute();
    }

    private static InstallationStatus status(ResultSet row) throws SQLException {
        return StatusReportCodec.decode(Columns.text(row, "status").getBytes(StandardCharsets.UTF_8));
    }

    private static String text(InstallationStatus status) {
        return new String(StatusReportCodec.encode(status), StandardCharsets.UTF_8);
    }
}
