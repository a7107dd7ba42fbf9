package dev.vmext.protocol.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run-once command as the API shows it. The script itself is never shown again: it may hold secrets.
 *
 * @param state {@code exec.CommandState.wire}
 * @param scriptDigest SHA-256 of the script's UTF-8 text
 * @param exitCode when it ended by itself
 * @param cancelling true when somebody asked to stop it and it has not ended yet
 * @param outBytes bytes of standard output kept here, {@code errBytes} of standard error
 * @param truncated true when it wrote more than is kept
 * @param createdBy who asked for it
 * @param expiresAt when it is given up if the machine has not taken it
 * @param startedAt when the control plane learnt that the machine has taken it
 */
public record CommandView(
        String id,
        String project,
        String machine,
        String state,
        String scriptDigest,
        String interpreter,
        @Nullable String user,
        String folder,
        int timeoutSeconds,
        @Nullable Integer exitCode,
        InstallationView.@Nullable CauseView cause,
        boolean cancelling,
        long outBytes,
        long errBytes,
        boolean truncated,
        String createdBy,
        Instant createdAt,
        Instant expiresAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt) {}
