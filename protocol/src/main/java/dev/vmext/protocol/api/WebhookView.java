package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who is sent events, as the API shows it.
 *
 * @param events empty for all
 * @param types of findings, empty for all
 * @param waiting messages that were not delivered yet
 * @param lost messages that were given up since it was made
 * @param failingSince when it stopped taking messages, null while it takes them; {@code lastError} says why
 * @param retryAt when it is tried again
 */
public record WebhookView(
        String name,
        String project,
        String url,
        List<String> events,
        List<String> types,
        String severity,
        String createdBy,
        Instant createdAt,
        long waiting,
        long lost,
        @Nullable Instant lastDelivered,
        @Nullable Instant failingSince,
        @Nullable Instant retryAt,
        @Nullable String lastError) {
    public WebhookView {
        events = List.copyOf(events);
        types = List.copyOf(types);
    }
}
