package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;

/**
 * A silence.
 *
 * @param state waiting, active or over
 * @param covers how many alerts that are firing now it covers
 */
public record SilenceView(
        String id,
        List<String> matchers,
        String comment,
        Instant from,
        Instant until,
        String createdBy,
        Instant createdAt,
        String state,
        int covers) {
    public SilenceView {
        matchers = List.copyOf(matchers);
    }
}
