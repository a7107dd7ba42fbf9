package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;

/**
 * An API token, without its secret.
 *
 * @param id the beginning of its hash: tells tokens apart, opens nothing
 * @param subject who holds it
 */
public record TokenView(String id, String subject, List<String> permissions, Instant createdAt) {}
