package dev.vmext.agent.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A handler needs the machine to restart before it goes on.
 *
 * @param work names what asked, so that the same work is not given a restart twice
 * @param reason as the handler says it, redacted
 * @param boot in which boot it was asked; another boot fulfils it
 * @param restartedAt when the agent restarted the machine for it, null while it did not; it does so once
 */
public record RebootRequest(
        String work, String reason, String boot, @Nullable Instant restartedAt) {
    public RebootRequest restarted(Instant at) {
        return new RebootRequest(work, reason, boot, at);
    }
}
