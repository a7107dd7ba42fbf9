package dev.vmext.protocol.status;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the agent observed for one installation; the latest one replaces all earlier ones.
 *
 * @param name the installation's name
 * @param extension {@code publisher.type}
 * @param version the version on the machine, null while none was unpacked
 * @param generation the goal generation it belongs to
 * @param sequence the settings sequence number it belongs to
 * @param healthy state ready, last handler status success, and probes pass
 * @param cause why it is not healthy, or what it waits for
 * @param status what the handler said, null until it said something
 * @param output the last lines that the last command printed, redacted, at most {@link #MAX_OUTPUT} characters
 * @param exitCode of the last command that ended, null before
 * @param attempt how often this goal was tried, from 1
 * @param since when this state began, by the machine's clock
 * @param at when this was observed, by the machine's clock
 * @param detail what else is known
 */
public record InstallationStatus(
        String name,
        String extension,
        @Nullable String version,
        InstallationState state,
        long generation,
        long sequence,
        boolean healthy,
        @Nullable Cause cause,
        @Nullable HandlerStatus status,
        String output,
        @Nullable Integer exitCode,
        int attempt,
        Instant since,
        Instant at,
        StatusDetail detail) {
    /** Characters of {@link #output} kept, from the end. */
    public static final int MAX_OUTPUT = 4096;

    public InstallationStatus {
        Objects.requireNonNull(name);
        Objects.requireNonNull(extension);
        Objects.requireNonNull(state);
        Objects.requireNonNull(since);
        Objects.requireNonNull(at);
        Objects.requireNonNull(detail);
        if (output.length() > MAX_OUTPUT) {
            output = output.substring(output.length() - MAX_OUTPUT);
        }
    }

    /** A status with nothing more to tell. */
    public InstallationStatus(
            String name,
            String extension,
            @Nullable String version,
            InstallationState state,
            long generation,
            long sequence,
            boolean healthy,
            @Nullable Cause cause,
            @Nullable HandlerStatus status,
            String output,
            @Nullable Integer exitCode,
            int attempt,
            Instant since,
            Instant at) {
        this(
                name,
                extension,
                version,
                state,
                generation,
                sequence,
                healthy,
                cause,
                status,
                output,
                exitCode,
                attempt,
                since,
                at,
                StatusDetail.NONE);
    }

    public InstallationStatus with(StatusDetail newDetail) {
        return new InstallationStatus(
                name,
                extension,
                version,
                state,
                generation,
                sequence,
                healthy,
                cause,
                status,
                output,
                exitCode,
                attempt,
                since,
                at,
                newDetail);
    }
}
