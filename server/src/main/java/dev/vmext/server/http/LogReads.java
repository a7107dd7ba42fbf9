package dev.vmext.server.http;

import dev.vmext.protocol.link.LogPiece;
import java.util.concurrent.CompletableFuture;

/** Asks the agent of a machine for what a log has had since a cursor. */
@FunctionalInterface
public interface LogReads {
    /**
     * The piece, or log-not-found when the agent is not connected, does not answer or has no such log.
     *
     * @param installation empty for the agent's own log
     * @param cursor of the last piece, empty for the end
     */
    CompletableFuture<LogPiece> read(String machineId, String installation, String cursor, int max);
}
