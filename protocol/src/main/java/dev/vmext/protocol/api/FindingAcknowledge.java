package dev.vmext.protocol.api;

import org.jspecify.annotations.Nullable;

/**
 * Somebody knows of a finding.
 *
 * @param note for whoever looks at it next, at most 500 characters
 */
public record FindingAcknowledge(@Nullable String note) {}
