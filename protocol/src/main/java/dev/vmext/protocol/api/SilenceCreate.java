package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks that nobody is told of some alerts for a time.
 *
 * @param matchers conditions such as {@code rule=disk-full} or {@code machine=~web.*}; all must fit, at least one
 * @param comment why
 * @param from missing for now
 * @param seconds for how long, at most 90 days
 */
public record SilenceCreate(
        List<String> matchers, String comment, @Nullable Instant from, int seconds) {}
