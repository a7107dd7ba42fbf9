package dev.vmext.protocol.api;

import java.time.Instant;

/**
 * One line of the audit log.
 *
 * @param hash chains this entry to all before it
 */
public record AuditEntry(
        long number, Instant at, String actor, String action, String subject, String detail, String hash) {}
