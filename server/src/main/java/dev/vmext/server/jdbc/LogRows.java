package dev.vmext.server.jdbc;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.AuditChain;
import dev.vmext.fleet.Decision;
import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.ChangeEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The audit log and the change feed. Used inside one transaction, on its thread. */
final class LogRows {
    /** Who lost more than this many events reads everything anew instead of catching up. */
    private static final long FEED_KEPT = 100_000;

    private static final long FEED_SLACK = 10_000;

    private static final String AUDIT = "select number, at, actor, action, subject, detail, hash from audit ";
    private static final String AUDIT_FROM = AUDIT + "where number >= :number order by number limit :limit";
    private static final String AUDIT_NEWEST = AUDIT + "order by number desc limit :limit";
    private static final String AUDIT_APPEND = """
            insert into audit (number, at, actor, action, subject, detail, hash)
            values (:number, :at, :actor, :action, :subject, :detail, :hash)""";
    private static final String FEED_AFTER = """
            select id, kind, project, machine, name, gone from change_event where id > :id order by id limit :limit""";
    private static final String FEED_LAST = "select coalesce(max(id), 0) from change_event";
    private static final String FEED_FIRST = "select coalesce(min(id), 0) from change_event";
    private static final String FEED_APPEND = """
            insert into change_event (id, kind, project, machine, name, gone)
            values (:id, :kind, :project, :machine, :name, :gone)""";
    private static final String FEED_PRUNE = "delete from change_event where id <= :id";

    private LogRows() {}

    static void append(Handle handle, Actor actor, Decision.Note note) {
        Optional<AuditEntry> last = newestAudit(handle, 1).stream().findFirst();
        AuditEntry entry = AuditChain.next(
                last.map(AuditEntry::number).orElse(0L),
                last.map(AuditEntry::hash).orElse(AuditChain.START),
                actor,
                note);
        handle.createUpdate(AUDIT_APPEND)
                .bind("number", entry.number())
                .bind("at", entry.at().toEpochMilli())
                .bind("actor", entry.actor())
                .bind("action", entry.action())
                .bind("subject", entry.subject())
                .bind("detail", entry.detail())
                .bind("hash", entry.hash())
                .execute();
    }

    static List<AuditEntry> auditFrom(Handle handle, long number, int limit) {
        return handle.createQuery(AUDIT_FROM)
                .bind("number", number)
                .bind("limit", limit)
                .map((row, context) -> readAudit(row))
                .list();
    }

    static List<AuditEntry> newestAudit(Handle handle, int limit) {
        return handle.createQuery(AUDIT_NEWEST)
                .bind("limit", limit)
                .map((row, context) -> readAudit(row))
                .list();
    }

    private static AuditEntry readAudit(ResultSet row) throws SQLException {
        return new AuditEntry(
                row.getLong("number"),
                Columns.instant(row, "at"),
                Columns.text(row, "actor"),
                Columns.text(row, "action"),
                Columns.text(row, "subject"),
                Columns.text(row, "detail"),
                Columns.text(row, "hash"));
    }

    static void append(Handle handle, List<ChangeEvent> events) {
        if (events.isEmpty()) {
            return;
        }
        try (PreparedBatch batch = handle.prepareBatch(FEED_APPEND)) {
            for (ChangeEvent event : events) {
                batch.bind("id", event.id())
                        .bind("kind", event.kind())
                        .bind("project", event.project())
                        .bind("machine", event.machine())
                        .bind("name", event.name())
                        .bind("gone", event.gone())
                        .add();
            }
            batch.execute();
        }
        long last = events.getLast().id();
        long first = handle.createQuery(FEED_FIRST).mapTo(Long.class).one();
        if (last - first > FEED_KEPT + FEED_SLACK) {
            handle.createUpdate(FEED_PRUNE).bind("id", last - FEED_KEPT).execute();
        }
    }

    static List<ChangeEvent> changesAfter(Handle handle, long id, int limit) {
        return handle.createQuery(FEED_AFTER)
                .bind("id", id)
                .bind("limit", limit)
                .map((row, context) -> new ChangeEvent(
                        row.getLong("id"),
                        Columns.text(row, "kind"),
                        Columns.text(row, "project"),
                        Columns.text(row, "machine"),
                        Columns.text(row, "name"),
                        row.getBoolean("gone")))
                .list();
    }

    static long lastChange(Handle handle) {
        return handle.createQuery(FEED_LAST).mapTo(Long.class).one();
    }
}
