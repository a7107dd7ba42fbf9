package dev.vmext.agent.journal;

import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Why a target was not reached.
 *
 * @param state how it is reported: failed, timed-out or returned
 * @param retryAt when the next try begins, null for none
 */
public record Failure(
        InstallationState state, Cause cause, @Nullable Instant retryAt) {}
