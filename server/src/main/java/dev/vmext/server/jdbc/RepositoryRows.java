package dev.vmext.server.jdbc;

import dev.vmext.fleet.Repository;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.server.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/** The table of backup repositories. Inside one transaction, on its thread. */
final class RepositoryRows {
    private static final String ALL = """
            select machine_id, installation, project, machine, password, secrets, secret_names, policy, status, created_at, revision
            from repository\s""";
    private static final String ADD = """
            insert into repository (machine_id, installation, project, machine, password, secrets, secret_names, policy, status, created_at,
                                    revision)
            values (:machineId, :installation, :project, :machine, :password, :secrets, :secretNames, :policy, :status, :createdAt, 1)
            on conflict do nothing""";
    private static final String REPLACE = """
            update repository set secrets = :secrets, secret_names = :secretNames, policy = :policy, status = :status,
                revision = :revision + 1
            where machine_id = :machineId and installation = :installation and revision = :revision""";

    private RepositoryRows() {}

    static Optional<Repository> find(Handle handle, String machineId, String installation) {
        return handle.createQuery(ALL + "where machine_id = :machineId and installation = :installation")
                .bind("machineId", machineId)
                .bind("installation", installation)
                .map((row, context) -> repository(row))
                .findOne();
    }

    static List<Repository> ofProject(Handle handle, String project) {
        return handle.createQuery(ALL + "where project = :project order by machine, installation, machine_id")
                .bind("project", project)
                .map((row, context) -> repository(row))
                .list();
    }

    private static Repository repository(ResultSet row) throws SQLException {
        return new Repository(
                Columns.text(row, "machine_id"),
                Columns.text(row, "project"),
                Columns.text(row, "machine"),
                Columns.text(row, "installation"),
                Columns.text(row, "password"),
                row.getString("secrets"),
                Columns.texts(row, "secret_names"),
                // A field that came later has its default.
                StrictJson.read(bytes(row, "policy"), RepositoryPolicy.class).over(RepositoryPolicy.DEFAULTS),
                StrictJson.read(bytes(row, "status"), RepositoryStatus.class),
                Columns.instant(row, "created_at"),
                row.getLong("revision"));
    }

    private static byte[] bytes(ResultSet row, String column) throws SQLException {
        return Columns.text(row, column).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Record value) {
        return new String(StrictJson.write(value), StandardCharsets.UTF_8);
    }

    /** False when the row has moved on. */
    static boolean put(Handle handle, Repository repository) {
        boolean isNew = repository.revision() == 0;
        Update update = handle.createUpdate(isNew ? ADD : REPLACE)
                .bind("machineId", repository.machineId())
                .bind("installation", repository.installation())
                .bind("secrets", repository.sealedSecrets())
                .bind("secretNames", Columns.json(repository.secretNames()))
                .bind("policy", text(repository.policy()))
                .bind("status", text(repository.status()));
        if (isNew) {
            update.bind("project", repository.project())
                    .bind("machine", repository.machine())
                    .bind("password", repository.sealedPassword())
                    .bind("createdAt", repository.createdAt().toEpochMilli());
        } else {
            update.bind("revision", repository.revision());
        }
        return Rows.changedOne(update.execute());
    }

    static void delete(Handle handle, String machineId, String installation) {
        handle.createUpdate("delete from repository where machine_id = :machineId and installation = :installation")
                .bind("machineId", machineId)
                .bind("installation", installation)
                .execute();
    }
}
