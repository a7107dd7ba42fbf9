package dev.vmext.protocol.api;

import dev.vmext.protocol.api.InstallationView.RemovalView;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An installation that a machine had: a line of its history, of which the newest 50 are kept.
 *
 * @param version the last that was known to be there, null when none was
 * @param at when it went
 * @param how {@code uninstalled}: the machine reported it removed; {@code forgotten}: only the record was dropped
 * @param report what the uninstall took away and left, null when the agent made none
 */
public record RemovedView(
        String machine,
        String name,
        String extension,
        @Nullable String version,
        Instant at,
        String how,
        @Nullable RemovalView report) {}
