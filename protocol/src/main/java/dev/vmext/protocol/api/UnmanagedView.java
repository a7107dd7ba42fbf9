package dev.vmext.protocol.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that is, or may be, on a machine although nobody wants it here: its record was forgotten, or the machine brought it. The
 * agent leaves it as it is. It is taken over by an installation of its name and extension, and removed by deleting it like one.
 *
 * @param version on the machine, null while not known
 * @param state the last that was known; {@code InstallationState.wire}
 * @param at when that was reported, or when it was forgotten
 * @param reported whether the machine has spoken of it since nobody manages it; while false it only may be there
 */
public record UnmanagedView(
        String name, String extension, @Nullable String version, String state, Instant at, boolean reported) {}
