package dev.vmext.fleet.alert;

import java.time.Instant;

/**
 * A rule that an operator wrote, in place of a default one or beside them.
 *
 * @param revision of the stored row, 0 for a new one
 */
public record StoredRule(String project, AlertRule rule, Instant changedAt, String changedBy, long revision) {}
