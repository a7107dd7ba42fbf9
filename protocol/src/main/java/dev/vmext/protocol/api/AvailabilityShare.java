package dev.vmext.protocol.api;

import org.jspecify.annotations.Nullable;

/**
 * A share of a stretch of time that ends now.
 *
 * @param window day, week or month (24 hours, 7 and 30 days)
 * @param percent of the time about which something is known, 0 to 100; missing when nothing is
 * @param known of the stretch, or of what of it has passed since the machine was declared, in percent
 */
public record AvailabilityShare(String window, @Nullable Double percent, double known) {}
