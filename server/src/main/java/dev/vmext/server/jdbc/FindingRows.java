package dev.vmext.server.jdbc;

import dev.vmext.fleet.Finding;
import dev.vmext.fleet.FindingFilter;
import dev.vmext.fleet.FindingPosition;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.finding.FindingState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** The table of findings, and how far each machine's book is stored. Inside one transaction, on its thread. */
final class FindingRows {
    private static final String FINDING = """
            select id, project, machine_id, source, installation, type, subject, machine, extension, severity, title, evidence,
                   first_seen, last_seen, times, state, since, acknowledged_by, acknowledged_at, note, resolution, age, due_at, revision
            from finding where\s""";
    private static final String BY_KEY = FINDING + """
            project = :project and machine_id = :machineId and source = :source and installation = :installation and type = :type
              and subject = :subject""";
    private static final String OPEN =
            FINDING + "project = :project and machine_id = :machineId and state <> 'resolved'";
    private static final String RESOLVED = FINDING + """
            project = :project and machine_id = :machineId and source = 'machine' and state = 'resolved'
            order by since, id limit :limit""";
    private static final String DUE = FINDING + "due_at <= :by order by due_at limit :limit";
    private static final String ADD = """
            insert into finding (id, project, machine_id, source, installation, type, subject, machine, extension, severity, title,
                                 evidence, first_seen, last_seen, times, state, since, acknowledged_by, acknowledged_at, note,
                                 resolution, age, due_at, revision)
            values (:id, :project, :machineId, :source, :installation, :type, :subject, :machine, :extension, :severity, :title,
                    :evidence, :first, :last, :times, :state, :since, :acknowledgedBy, :acknowledgedAt, :note,
                    :resolution, :age, :dueAt, 1)
            on conflict do nothing""";
    private static final String REPLACE = """
            update finding set machine = :machine, extension = :extension, severity = :severity, title = :title, evidence = :evidence,
                first_seen = :first, last_seen = :last, times = :times, state = :state, since = :since,
                acknowledged_by = :acknowledgedBy, acknowledged_at = :acknowledgedAt, note = :note, resolution = :resolution,
                age = :age, due_at = :dueAt, revision = :revision + 1
            where id = :id and revision = :revision""";
    private static final String POSITION =
            "select machine_id, epoch, number, mark from finding_position where machine_id = :id";
    private static final String PUT_POSITION = """
            insert into finding_position (machine_id, epoch, number, mark) values (:id, :epoch, :number, :mark)
            on conflict (machine_id) do update set epoch = :epoch, number = :number, mark = :mark""";

    private FindingRows() {}

    static Optional<Finding> find(Handle handle, String id) {
        return handle.createQuery(FINDING + "id = :id")
                .bind("id", id)
                .map((row, context) -> read(row))
                .findOne();
    }

    static Optional<Finding> find(Handle handle, Finding.Key key) {
        return handle.createQuery(BY_KEY)
                .bind("project", key.project())
                .bind("machineId", key.machineId())
                .bind("source", key.source().wire())
                .bind("installation", key.installation())
                .bind("type", key.type())
                .bind("subject", key.subject())
                .map((row, context) -> read(row))
                .findOne();
    }

    static List<Finding> list(Handle handle, String project, FindingFilter filter, int limit) {
        List<String> conditions = new ArrayList<>(List.of("project = :project"));
        Map<String, Object> values = new LinkedHashMap<>();
        equal("machine", filter.machine(), conditions, values);
        equal("extension", filter.extension(), conditions, values);
        equal("installation", filter.installation(), conditions, values);
        equal("type", filter.type(), conditions, values);
        FindingSeverity severity = filter.severity();
        if (severity != null) {
            conditions.add("severity >= :severity");
            values.put("severity", severity.rank());
        }
        List<String> states = new ArrayList<>(List.of("''"));
        for (FindingState state : filter.states()) {
            states.add(":" + state.wire());
            values.put(state.wire(), state.wire());
        }
        conditions.add("state in (" + String.join(", ", states) + ")");
        FindingFilter.Place after = filter.after();
        if (after != null) {
            conditions.add("(last_seen, id) < (:afterSeen, :afterId)");
            values.put("afterSeen", after.lastSeen().toEpochMilli());
            values.put("afterId", after.id());
        }
        Query query = handle.createQuery(
                FINDING + String.join(" and ", conditions) + " order by last_seen desc, id desc limit :limit");
        values.forEach(query::bind);
        return query.bind("project", project)
                .bind("limit", limit)
                .map((row, context) -> read(row))
                .list();
    }

    private static void equal(
            String column, @Nullable String wanted, List<String> conditions, Map<String, Object> values) {
        if (wanted != null) {
            conditions.add(column + " = :" + column);
            values.put(column, wanted);
        }
    }

    static List<Finding> open(Handle handle, String project, String machineId) {
        return handle.createQuery(OPEN)
                .bind("project", project)
                .bind("machineId", machineId)
                .map((row, context) -> read(row))
                .list();
    }

    static List<Finding> oldestResolved(Handle handle, String project, String machineId, int limit) {
        return handle.createQuery(RESOLVED)
                .bind("project", project)
                .bind("machineId", machineId)
                .bind("limit", limit)
                .map((row, context) -> read(row))
                .list();
    }

    static long count(Handle handle, String project, String machineId) {
        return handle.createQuery("select count(*) from finding"
                        + " where project = :project and machine_id = :machineId and source = 'machine'")
                .bind("project", project)
                .bind("machineId", machineId)
                .mapTo(Long.class)
                .one();
    }

    static List<Finding> due(Handle handle, Instant by, int limit) {
        return handle.createQuery(DUE)
                .bind("by", by.toEpochMilli())
                .bind("limit", limit)
                .map((row, context) -> read(row))
                .list();
    }

    private static Finding read(ResultSet row) throws SQLException {
        String by = row.getString("acknowledged_by");
        String resolution = row.getString("resolution");
        long age = row.getLong("age");
        boolean ages = !row.wasNull();
        return new Finding(
                Columns.text(row, "id"),
                new Finding.Key(
                        Columns.text(row, "project"),
                        Columns.text(row, "machine_id"),
                        Finding.Source.of(Columns.text(row, "source")),
                        Columns.text(row, "installation"),
                        Columns.text(row, "type"),
                        Columns.text(row, "subject")),
                Columns.text(row, "machine"),
                Columns.text(row, "extension"),
                new Finding.Content(
                        FindingSeverity.ofRank(row.getInt("severity")),
                        Columns.text(row, "title"),
                        Columns.textMap(row, "evidence")),
                new Finding.Sights(
                        Columns.instant(row, "first_seen"), Columns.instant(row, "last_seen"), row.getLong("times")),
                new Finding.Standing(
                        FindingState.find(Columns.text(row, "state"))
                                .orElseThrow(() -> new IllegalStateException("a finding has no state that is known")),
                        Columns.instant(row, "since"),
                        by == null
                                ? null
                                : new Finding.Acknowledgement(
                                        by, Columns.instant(row, "acknowledged_at"), Columns.text(row, "note")),
                        resolution == null ? null : Finding.Resolution.of(resolution)),
                ages ? Duration.ofSeconds(age) : null,
                Columns.instantOrNull(row, "due_at"),
                row.getLong("revision"));
    }

    /** False when the row has moved on. */
    static boolean put(Handle handle, Finding finding) {
        Finding.Standing standing = finding.standing();
        Finding.Acknowledgement known = standing.acknowledged();
        Finding.Resolution resolution = standing.resolution();
        Duration age = finding.age();
        boolean isNew = finding.revision() == 0;
        Update update = handle.createUpdate(isNew ? ADD : REPLACE)
                .bind("id", finding.id())
                .bind("machine", finding.machine())
                .bind("extension", finding.extension())
                .bind("severity", finding.content().severity().rank())
                .bind("title", finding.content().title())
                .bind("evidence", Columns.json(finding.content().evidence()))
                .bind("first", finding.sights().first().toEpochMilli())
                .bind("last", finding.sights().last().toEpochMilli())
                .bind("times", finding.sights().times())
                .bind("state", standing.state().wire())
                .bind("since", standing.since().toEpochMilli())
                .bind("acknowledgedBy", known == null ? null : known.by())
                .bind("acknowledgedAt", known == null ? null : Columns.millis(known.at()))
                .bind("note", known == null ? null : known.note())
                .bind("resolution", resolution == null ? null : resolution.wire())
                .bind("age", age == null ? null : Long.valueOf(age.toSeconds()))
                .bind("dueAt", Columns.millis(finding.dueAt()));
        if (isNew) {
            Finding.Key key = finding.key();
            update.bind("project", key.project())
                    .bind("machineId", key.machineId())
                    .bind("source", key.source().wire())
                    .bind("installation", key.installation())
                    .bind("type", key.type())
                    .bind("subject", key.subject());
        } else {
            update.bind("revision", finding.revision());
        }
        return Rows.changedOne(update.execute());
    }

    static void delete(Handle handle, String id) {
        handle.createUpdate("delete from finding where id = :id").bind("id", id).execute();
    }

    static Optional<FindingPosition> position(Handle handle, String machineId) {
        return handle.createQuery(POSITION)
                .bind("id", machineId)
                .map((row, context) -> new FindingPosition(
                        Columns.text(row, "machine_id"),
                        Columns.text(row, "epoch"),
                        row.getLong("number"),
                        Columns.text(row, "mark")))
                .findOne();
    }

    static void put(Handle handle, FindingPosition position) {
        handle.createUpdate(PUT_POSITION)
                .bind("id", position.machineId())
                .bind("epoch", position.epoch())
                .bind("number", position.number())
                .bind("mark", position.mark())
                .execute();
    }

    static void deletePosition(Handle handle, String machineId) {
        handle.createUpdate("delete from finding_position where machine_id = :id")
                .bind("id", machineId)
                .execute();
    }
}
