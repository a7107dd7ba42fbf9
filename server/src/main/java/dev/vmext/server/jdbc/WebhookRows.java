package dev.vmext.server.jdbc;

import dev.vmext.fleet.Delivery;
import dev.vmext.fleet.FindingEvent;
import dev.vmext.fleet.Webhook;
import dev.vmext.protocol.finding.FindingSeverity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/** Webhooks and what waits to be sent to them. Inside one transaction, on its thread. */
final class WebhookRows {
    private static final String WEBHOOK = """
            select id, project, name, url, events, types, severity, secret, created_by, created_at, last_delivered, failing_since, failures,
                   retry_at, last_error, lost, revision
            from webhook\s""";
    private static final String ADD = """
            insert into webhook (id, project, name, url, events, types, severity, secret, created_by, created_at, last_delivered,
                                 failing_since, failures, retry_at, last_error, lost, revision)
            values (:id, :project, :name, :url, :events, :types, :severity, :secret, :createdBy, :createdAt, :lastDelivered,
                    :failingSince, :failures, :retryAt, :lastError, :lost, 1)
            on conflict do nothing""";
    private static final String REPLACE = """
            update webhook set last_delivered = :lastDelivered, failing_since = :failingSince, failures = :failures, retry_at = :retryAt,
                last_error = :lastError, lost = :lost, revision = :revision + 1
            where id = :id and revision = :revision""";
    private static final String DELIVERY =
            "select id, webhook_id, body, created_at, attempts, due, revision from delivery where ";
    private static final String ADD_DELIVERY = """
            insert into delivery (id, webhook_id, body, created_at, attempts, due, revision)
            values (:id, :webhookId, :body, :createdAt, :attempts, :due, 1)
            on conflict do nothing""";
    private static final String REPLACE_DELIVERY = """
            update delivery set attempts = :attempts, due = :due, revision = :revision + 1
            where id = :id and revision = :revision""";

    private WebhookRows() {}

    static List<Webhook> all(Handle handle) {
        return handle.createQuery(WEBHOOK + "order by project, name")
                .map((row, context) -> webhook(row))
                .list();
    }

    static List<Webhook> ofProject(Handle handle, String project) {
        return handle.createQuery(WEBHOOK + "where project = :project order by name")
                .bind("project", project)
                .map((row, context) -> webhook(row))
                .list();
    }

    static Optional<Webhook> find(Handle handle, String id) {
        return handle.createQuery(WEBHOOK + "where id = :id")
                .bind("id", id)
                .map((row, context) -> webhook(row))
                .findOne();
    }

    private static Webhook webhook(ResultSet row) throws SQLException {
        Set<FindingEvent> events = EnumSet.noneOf(FindingEvent.class);
        for (String word : Columns.texts(row, "events")) {
            events.add(FindingEvent.find(word)
                    .orElseThrow(() -> new IllegalStateException("a webhook wants events that are not known")));
        }
        return new Webhook(
                Columns.text(row, "id"),
                Columns.text(row, "project"),
                Columns.text(row, "name"),
                Columns.text(row, "url"),
                new Webhook.Filter(
                        events,
                        Set.copyOf(Columns.texts(row, "types")),
                        FindingSeverity.ofRank(row.getInt("severity"))),
                Columns.text(row, "secret"),
                Columns.text(row, "created_by"),
                Columns.instant(row, "created_at"),
                new Webhook.Health(
                        Columns.instantOrNull(row, "last_delivered"),
                        Columns.instantOrNull(row, "failing_since"),
                        row.getInt("failures"),
                        Columns.instantOrNull(row, "retry_at"),
                        row.getString("last_error"),
                        row.getLong("lost")),
                row.getLong("revision"));
    }

    /** False when the row has moved on. */
    static boolean put(Handle handle, Webhook webhook) {
        boolean isNew = webhook.revision() == 0;
        Webhook.Health health = webhook.health();
        Update update = handle.createUpdate(isNew ? ADD : REPLACE)
                .bind("id", webhook.id())
                .bind("lastDelivered", Columns.millis(health.lastDelivered()))
                .bind("failingSince", Columns.millis(health.failingSince()))
                .bind("failures", health.failures())
                .bind("retryAt", Columns.millis(health.retryAt()))
                .bind("lastError", health.lastError())
                .bind("lost", health.lost());
        if (isNew) {
            Webhook.Filter filter = webhook.filter();
            update.bind("project", webhook.project())
                    .bind("name", webhook.name())
                    .bind("url", webhook.url())
                    .bind(
                            "events",
                            Columns.json(filter.events().stream()
                                    .sorted()
                                    .map(FindingEvent::wire)
                                    .toList()))
                    .bind("types", Columns.json(filter.types().stream().sorted().toList()))
                    .bind("severity", filter.severity().rank())
                    .bind("secret", webhook.sealedSecret())
                    .bind("createdBy", webhook.createdBy())
                    .bind("createdAt", webhook.createdAt().toEpochMilli());
        } else {
            update.bind("revision", webhook.revision());
        }
        return Rows.changedOne(update.execute());
    }

    /** With everything that waits for it. */
    static void delete(Handle handle, String id) {
        handle.createUpdate("delete from delivery where webhook_id = :id")
                .bind("id", id)
                .execute();
        handle.createUpdate("delete from webhook where id = :id").bind("id", id).execute();
    }

    static Optional<Delivery> findDelivery(Handle handle, String id) {
        return handle.createQuery(DELIVERY + "id = :id")
                .bind("id", id)
                .map((row, context) -> delivery(row))
                .findOne();
    }

    static Optional<Delivery> next(Handle handle, String webhookId, Instant by) {
        return handle.createQuery(DELIVERY + "webhook_id = :webhookId and due <= :by order by number limit 1")
                .bind("webhookId", webhookId)
                .bind("by", by.toEpochMilli())
                .map((row, context) -> delivery(row))
                .findOne();
    }

    static long count(Handle handle, String webhookId) {
        return handle.createQuery("select count(*) from delivery where webhook_id = :webhookId")
                .bind("webhookId", webhookId)
                .mapTo(Long.class)
                .one();
    }

    static List<Delivery> oldest(Handle handle, String webhookId, Instant createdBy, int limit) {
        return handle.createQuery(
                        DELIVERY + "webhook_id = :webhookId and created_at <= :by order by number limit :limit")
                .bind("webhookId", webhookId)
                .bind("by", createdBy.toEpochMilli())
                .bind("limit", limit)
                .map((row, context) -> delivery(row))
                .list();
    }

    private static Delivery delivery(ResultSet row) throws SQLException {
        return new Delivery(
                Columns.text(row, "id"),
                Columns.text(row, "webhook_id"),
                Columns.text(row, "body"),
                Columns.instant(row, "created_at"),
                row.getInt("attempts"),
                Columns.instant(row, "due"),
                row.getLong("revision"));
    }

    /** False when the row has moved on. */
    static boolean put(Handle handle, Delivery delivery) {
        boolean isNew = delivery.revision() == 0;
        Update update = handle.createUpdate(isNew ? ADD_DELIVERY : REPLACE_DELIVERY)
                .bind("id", delivery.id())
                .bind("attempts", delivery.attempts())
                .bind("due", delivery.due().toEpochMilli());
        if (isNew) {
            update.bind("webhookId", delivery.webhookId())
                    .bind("body", delivery.body())
                    .bind("createdAt", delivery.createdAt().toEpochMilli());
        } else {
            update.bind("revision", delivery.revision());
        }
        return Rows.changedOne(update.execute());
    }

    static void deleteDelivery(Handle handle, String id) {
        handle.createUpdate("delete from delivery where id = :id")
                .bind("id", id)
                .execute();
    }
}
