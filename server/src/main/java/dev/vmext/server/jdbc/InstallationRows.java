package dev.vmext.server.jdbc;

import dev.vmext.fleet.Installation;
import dev.vmext.fleet.Installation.Hold;
import dev.vmext.fleet.Installation.Placement;
import dev.vmext.fleet.Installation.Settings;
import dev.vmext.fleet.Installation.Want;
import dev.vmext.fleet.SealedSettings;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusReportCodec;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** The table of installations. Used inside one transaction, on its thread. */
final class InstallationRows {
    private static final String COLUMNS = """
            machine_id, name, project, machine, extension, version_constraint, version, digest, presence, after_names, sequence,
            settings_id, settings, protected_keys, sealed, sealed_fingerprint, line, line_settings_id, position, entered, changed,
            placed_at, ordered, conditions, hold_state, hold_cause, observed, observed_since, created_at, changed_at, revision""";
    private static final String OF_MACHINE =
            "select " + COLUMNS + " from installation where machine_id = :machineId order by name";
    private static final String OF_PROJECT =
            "select " + COLUMNS + " from installation where project = :project order by machine, name";
    private static final String INSERT = """
            insert into installation (%s) values (:machineId, :name, :project, :machine, :extension, :constraint, :version, :digest,
                :presence, :after, :sequence, :settingsId, :settings, :protectedKeys, :sealed, :fingerprint, :line,
                :lineSettingsId, :position, :entered, :changed, :placedAt, :ordered, :conditions, :holdState, :holdCause, :observed, :observedSince, :createdAt,
                :changedAt, 1)
            on conflict do nothing""".formatted(COLUMNS);
    private static final String UPDATE = """
            update installation set extension = :extension, version_constraint = :constraint, version = :version, digest = :digest,
                presence = :presence, after_names = :after, sequence = :sequence, settings_id = :settingsId,
                settings = :settings, protected_keys = :protectedKeys, sealed = :sealed, sealed_fingerprint = :fingerprint,
                line = :line, line_settings_id = :lineSettingsId, position = :position, entered = :entered, changed = :changed,
                placed_at = :placedAt, ordered = :ordered, conditions = :conditions, hold_state = :holdState, hold_cause = :holdCause, observed = :observed,
                observed_since = :observedSince,
                changed_at = :changedAt, revision = revision + 1
            where machine_id = :machineId and name = :name and revision = :revision""";
    private static final String DELETE = "delete from installation where machine_id = :machineId and name = :name";
    private static final String DELETE_ALL = "delete from installation where machine_id = :machineId";

    private static final String OF_EXTENSION =
            "select " + COLUMNS + " from installation where extension = :extension order by machine_id, name";

    private InstallationRows() {}

    static List<Installation> ofMachine(Handle handle, String machineId) {
        return handle.createQuery(OF_MACHINE)
                .bind("machineId", machineId)
                .map((row, context) -> read(row))
                .list();
    }

    static List<Installation> ofProject(Handle handle, String project) {
        return handle.createQuery(OF_PROJECT)
                .bind("project", project)
                .map((row, context) -> read(row))
                .list();
    }

    static List<Installation> ofExtension(Handle handle, String extension) {
        return handle.createQuery(OF_EXTENSION)
                .bind("extension", extension)
                .map((row, context) -> read(row))
                .list();
    }

    private static Installation read(ResultSet row) throws SQLException {
        String sealed = row.getString("sealed");
        return new Installation(
                Columns.text(row, "machine_id"),
                Columns.text(row, "project"),
                Columns.text(row, "machine"),
                Columns.text(row, "name"),
                new Want(
                        Columns.text(row, "extension"),
                        Columns.text(row, "version_constraint"),
                        Columns.text(row, "version"),
                        new Digest(Columns.text(row, "digest")),
                        Columns.presence(Columns.text(row, "presence")),
                        Columns.texts(row, "after_names"),
                        row.getLong("sequence"),
                        ConditionsColumn.read(row)),
                new Settings(
                        Columns.text(row, "settings_id"),
                        Columns.text(row, "settings"),
                        Columns.texts(row, "protected_keys"),
                        sealed == null ? null : new SealedSettings(sealed, Columns.text(row, "sealed_fingerprint"))),
                new Placement(
                        Columns.line(row, "line"),
                        Columns.text(row, "line_settings_id"),
                        row.getInt("position"),
                        row.getLong("entered"),
                        row.getLong("changed"),
                        Columns.instant(row, "placed_at"),
                        row.getLong("ordered"),
                        hold(row)),
                observed(row),
                Columns.instantOrNull(row, "observed_since"),
                Columns.instant(row, "created_at"),
                Columns.instant(row, "changed_at"),
                row.getLong("revision"));
    }

    private static @Nullable Hold hold(ResultSet row) throws SQLException {
        Cause cause = Columns.cause(row, "hold_cause");
        if (cause == null) {
            return null;
        }
        String state = Columns.text(row, "hold_state");
        return new Hold(InstallationState.find(state).orElse(InstallationState.PENDING), cause);
    }

    private static @Nullable InstallationStatus observed(ResultSet row) throws SQLException {
        String observed = row.getString("observed");
        return observed == null ? null : StatusReportCodec.decode(observed.getBytes(StandardCharsets.UTF_8));
    }

    /** False when the row has moved on. */
    static boolean put(Handle handle, Installation installation) {
        boolean fresh = installation.revision() == 0;
        Update update = handle.createUpdate(fresh ? INSERT : UPDATE);
        bindWish(update, installation);
        bindPlace(update, installation);
        if (fresh) {
            update.bind("project", installation.project())
                    .bind("machine", installation.machine())
                    .bind("createdAt", installation.createdAt().toEpochMilli());
        } else {
            update.bind("revision", installation.revision());
        }
        return Rows.changedOne(update.execute());
    }

    private static void bindWish(Update update, Installation installation) {
        Want want = installation.want();
        Settings settings = installation.settings();
        SealedSettings sealed = settings.sealed();
        @Nullable String sealedText = sealed == null ? null : sealed.text();
        @Nullable String fingerprint = sealed == null ? null : sealed.fingerprint();
        update.bind("machineId", installation.machineId())
                .bind("name", installation.name())
                .bind("extension", want.extension())
                .bind("constraint", want.constraint())
                .bind("version", want.version())
                .bind("digest", want.digest().text())
                .bind("presence", want.presence().wire())
                .bind("after", Columns.json(want.after()))
                .bind("sequence", want.sequence())
                .bind("conditions", ConditionsColumn.json(want.conditions()))
                .bind("settingsId", settings.id())
                .bind("settings", settings.publicText())
                .bind("protectedKeys", Columns.json(settings.protectedKeys()))
                .bind("sealed", sealedText)
                .bind("fingerprint", fingerprint)
                .bind("changedAt", installation.changedAt().toEpochMilli());
    }

    private static void bindPlace(Update update, Installation installation) {
        Placement placement = installation.placement();
        Hold hold = placement.hold();
        @Nullable String holdState = hold == null ? null : hold.state().wire();
        @Nullable String holdCause = hold == null ? null : Columns.json(hold.cause());
        InstallationStatus observed = installation.observed();
        @Nullable String status =
                observed == null ? null : new String(StatusReportCodec.encode(observed), StandardCharsets.UTF_8);
        update.bind("line", Columns.json(placement.line()))
                .bind("lineSettingsId", placement.settingsId())
                .bind("position", placement.position())
                .bind("entered", placement.entered())
                .bind("changed", placement.changed())
                .bind("placedAt", placement.changedAt().toEpochMilli())
                .bind("ordered", placement.ordered())
                .bind("holdState", holdState)
                .bind("holdCause", holdCause)
                .bind("observed", status)
                .bind("observedSince", Columns.millis(installation.observedSince()));
    }

    static void delete(Handle handle, String machineId, String name) {
        handle.createUpdate(DELETE)
                .bind("machineId", machineId)
                .bind("name", name)
                .execute();
    }

    static void deleteAll(Handle handle, String machineId) {
        handle.createUpdate(DELETE_ALL).bind("machineId", machineId).execute();
    }
}
