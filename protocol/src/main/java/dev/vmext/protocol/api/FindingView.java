package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that was detected, as the API shows it.
 *
 * @param machine name of the machine; empty for what is about no machine. It stays when the machine is gone
 * @param source machine, alert or control-plane
 * @param installation which found it, empty for what no installation found
 * @param state open, acknowledged or resolved
 * @param since of this state
 * @param count how often it was seen
 * @param acknowledgedBy who knows of it, with {@code acknowledgedAt} and {@code note}
 * @param resolution why it is resolved: reported, aged, installation-removed or machine-removed
 */
public record FindingView(
        String id,
        String project,
        String machine,
        String source,
        String installation,
        String extension,
        String type,
        String subject,
        String severity,
        String state,
        Instant since,
        String title,
        Map<String, String> evidence,
        Instant firstSeen,
        Instant lastSeen,
        long count,
        @Nullable String acknowledgedBy,
        @Nullable Instant acknowledgedAt,
        @Nullable String note,
        @Nullable String resolution) {}
