package dev.vmext.protocol.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for events to be sent to somebody.
 *
 * @param name lower-case letters, digits and inner hyphens, at most 63
 * @param url where to, https; http only where nothing leaves this host or its private networks
 * @param secret {@code whsec_} and base64 of 24 to 64 bytes; signs every message and is never answered
 * @param events which, such as {@code finding.opened}; null for all
 * @param types of findings; null for all
 * @param severity only findings as bad as this or worse; null for all
 */
public record WebhookCreate(
        String name,
        String url,
        String secret,
        @Nullable List<String> events,
        @Nullable List<String> types,
        @Nullable String severity) {
    @Override
    public String toString() {
        return "WebhookCreate[" + name + ", " + url + "]";
    }
}
