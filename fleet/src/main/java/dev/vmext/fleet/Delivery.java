package dev.vmext.fleet;

import java.time.Instant;
import java.util.Objects;

/**
 * One message that waits to be sent.
 *
 * @param id the message's; the receiver tells repetitions by it
 * @param body a CloudEvent as JSON
 * @param due not before
 * @param revision see {@link FleetChange}
 */
public record Delivery(
        String id, String webhookId, String body, Instant createdAt, int attempts, Instant due, long revision) {
    public Delivery {
        Objects.requireNonNull(body);
        Objects.requireNonNull(due);
    }

    Delivery retried(Instant next) {
        return new Delivery(id, webhookId, body, createdAt, attempts + 1, next, revision);
    }

    /** As a store gives it back. */
    public Delivery stored(long newRevision) {
        return new Delivery(id, webhookId, body, createdAt, attempts, due, newRevision);
    }
}
