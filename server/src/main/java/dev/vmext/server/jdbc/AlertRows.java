package dev.vmext.server.jdbc;

import dev.vmext.fleet.FleetChange.AlertChange;
import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertKey;
import dev.vmext.fleet.alert.RuleForm;
import dev.vmext.fleet.alert.Silence;
import dev.vmext.fleet.alert.StoredRule;
import dev.vmext.protocol.metrics.LabelMatcher;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/** The tables of alert rules, alerts and silences. Inside one transaction, on its thread. */
final class AlertRows {
    private static final String RULES =
            "select project, name, body, changed_at, changed_by, revision from alert_rule where project = :project order by name";
    private static final String ADD_RULE = """
            insert into alert_rule (project, name, body, changed_at, changed_by, revision)
            values (:project, :name, :body, :changedAt, :changedBy, 1) on conflict (project, name) do nothing""";
    private static final String REPLACE_RULE = """
            update alert_rule set body = :body, changed_at = :changedAt, changed_by = :changedBy, revision = :revision + 1
            where project = :project and name = :name and revision = :revision""";
    private static final String DELETE_RULE = "delete from alert_rule where project = :project and name = :name";

    private static final String ALERTS = """
            select project, rule, machine_id, labels, phase, since, fired_at, held_at, seen_at, value, told, revision
            from alert where project = :project""";
    private static final String ALERTS_OF_RULE = ALERTS + " and rule = :rule";
    private static final String KEY =
            " project = :project and rule = :rule and machine_id = :machineId and labels = :labels";
    private static final String ADD_ALERT = """
            insert into alert (project, rule, machine_id, labels, phase, since, fired_at, held_at, seen_at, value, told, revision)
            values (:project, :rule, :machineId, :labels, :phase, :since, :firedAt, :heldAt, :seenAt, :value, :told, 1)
            on conflict (project, rule, machine_id, labels) do nothing""";
    private static final String REPLACE_ALERT = """
            update alert set phase = :phase, since = :since, fired_at = :firedAt, held_at = :heldAt, seen_at = :seenAt, value = :value,
                told = :told, revision = :revision + 1
            where""" + KEY + " and revision = :revision";
    private static final String DELETE_ALERT = "delete from alert where" + KEY;

    private static final String SILENCES = """
            select id, project, matchers, begins_at, ends_at, comment, created_by, created_at
            from silence where project = :project order by created_at desc, id""";
    private static final String PUT_SILENCE = """
            insert into silence (id, project, matchers, begins_at, ends_at, comment, created_by, created_at)
            values (:id, :project, :matchers, :from, :until, :comment, :createdBy, :createdAt)
            on conflict (id) do update set begins_at = :from, ends_at = :until""";
    private static final String DELETE_SILENCE = "delete from silence where project = :project and id = :id";

    private AlertRows() {}

    /** False when the row has moved on. */
    static boolean apply(Handle handle, AlertChange change) {
        switch (change) {
            case AlertChange.RulePut(var rule) -> {
                return put(handle, rule);
            }
            case AlertChange.AlertPut(var alert) -> {
                return put(handle, alert);
            }
            case AlertChange.RuleGone(var project, var name) -> deleteRule(handle, project, name);
            case AlertChange.AlertGone(var project, var key) -> delete(handle, project, key);
            case AlertChange.SilencePut(var silence) -> put(handle, silence);
            case AlertChange.SilenceGone(var project, var id) -> deleteSilence(handle, project, id);
        }
        return true;
    }

    static List<StoredRule> rules(Handle handle, String project) {
        return handle.createQuery(RULES)
                .bind("project", project)
                .map((row, context) -> new StoredRule(
                        Columns.text(row, "project"),
                        RuleForm.read(Columns.text(row, "name"), Columns.text(row, "body")),
                        Columns.instant(row, "changed_at"),
                        Columns.text(row, "changed_by"),
                        row.getLong("revision")))
                .list();
    }

    private static boolean put(Handle handle, StoredRule stored) {
        Update update = handle.createUpdate(stored.revision() == 0 ? ADD_RULE : REPLACE_RULE)
                .bind("project", stored.project())
                .bind("name", stored.rule().name())
                .bind("body", RuleForm.text(stored.rule()))
                .bind("changedAt", stored.changedAt().toEpochMilli())
                .bind("changedBy", stored.changedBy());
        if (stored.revision() > 0) {
            update.bind("revision", stored.revision());
        }
        return Rows.changedOne(update.execute());
    }

    private static void deleteRule(Handle handle, String project, String name) {
        handle.createUpdate(DELETE_RULE)
                .bind("project", project)
                .bind("name", name)
                .execute();
    }

    static List<Alert> alerts(Handle handle, String project) {
        return handle.createQuery(ALERTS)
                .bind("project", project)
                .map((row, context) -> alert(row))
                .list();
    }

    static List<Alert> alerts(Handle handle, String project, String rule) {
        return handle.createQuery(ALERTS_OF_RULE)
                .bind("project", project)
                .bind("rule", rule)
                .map((row, context) -> alert(row))
                .list();
    }

    private static Alert alert(ResultSet row) throws SQLException {
        return new Alert(
                Columns.text(row, "project"),
                new AlertKey(
                        Columns.text(row, "rule"), Columns.text(row, "machine_id"), Columns.textMap(row, "labels")),
                phase(Columns.text(row, "phase")),
                Columns.instant(row, "since"),
                Columns.instantOrNull(row, "fired_at"),
                Columns.instant(row, "held_at"),
                Columns.instant(row, "seen_at"),
                row.getDouble("value"),
                Optional.ofNullable(row.getString("told")).map(AlertRows::phase).orElse(null),
                row.getLong("revision"));
    }

    private static Alert.Phase phase(String word) {
        return Alert.Phase.find(word)
                .orElseThrow(() -> new IllegalStateException("an alert has no phase that is known"));
    }

    private static boolean put(Handle handle, Alert alert) {
        Update update = bind(
                        handle.createUpdate(alert.revision() == 0 ? ADD_ALERT : REPLACE_ALERT),
                        alert.project(),
                        alert.key())
                .bind("phase", alert.phase().wire())
                .bind("since", alert.since().toEpochMilli())
                .bind("firedAt", Columns.millis(alert.firedAt()))
                .bind("heldAt", alert.heldAt().toEpochMilli())
                .bind("seenAt", alert.seenAt().toEpochMilli())
                .bind("value", alert.value())
                .bind("told", alert.told() == null ? null : alert.told().wire());
        if (alert.revision() > 0) {
            update.bind("revision", alert.revision());
        }
        return Rows.changedOne(update.execute());
    }

    private static void delete(Handle handle, String project, AlertKey key) {
        bind(handle.createUpdate(DELETE_ALERT), project, key).execute();
    }

    private static Update bind(Update update, String project, AlertKey key) {
        return update.bind("project", project)
                .bind("rule", key.rule())
                .bind("machineId", key.machineId())
                .bind("labels", Columns.json(key.labels()));
    }

    static List<Silence> silences(Handle handle, String project) {
        return handle.createQuery(SILENCES)
                .bind("project", project)
                .map((row, context) -> new Silence(
                        Columns.text(row, "id"),
                        Columns.text(row, "project"),
                        Columns.texts(row, "matchers").stream()
                                .map(LabelMatcher::parse)
                                .toList(),
                        Columns.instant(row, "begins_at"),
                        Columns.instant(row, "ends_at"),
                        Columns.text(row, "comment"),
                        Columns.text(row, "created_by"),
                        Columns.instant(row, "created_at")))
                .list();
    }

    private static void put(Handle handle, Silence silence) {
        handle.createUpdate(PUT_SILENCE)
                .bind("id", silence.id())
                .bind("project", silence.project())
                .bind(
                        "matchers",
                        Columns.json(silence.matchers().stream()
                                .map(LabelMatcher::toString)
                                .toList()))
                .bind("from", silence.from().toEpochMilli())
                .bind("until", silence.until().toEpochMilli())
                .bind("comment", silence.comment())
                .bind("createdBy", silence.createdBy())
                .bind("createdAt", silence.createdAt().toEpochMilli())
                .execute();
    }

    private static void deleteSilence(Handle handle, String project, String id) {
        handle.createUpdate(DELETE_SILENCE)
                .bind("project", project)
                .bind("id", id)
                .execute();
    }
}
