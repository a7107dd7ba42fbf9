package dev.vmext.protocol.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for an API token.
 *
 * @param subject who will hold it; stands in the audit log with all that is done with it
 * @param permissions of those that the caller has; null is all of them
 */
public record TokenCreate(String subject, @Nullable List<String> permissions) {}
