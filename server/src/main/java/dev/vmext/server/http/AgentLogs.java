package dev.vmext.server.http;

import dev.vmext.protocol.link.LogAnswer;
import java.util.concurrent.CompletableFuture;

/** Asks the agent of a machine for the end of its log. */
@FunctionalInterface
public interface AgentLogs {
    /** The end of it, or log-not-found when the agent is not connected or cannot send it. */
    CompletableFuture<LogAnswer> request(String machineId, int tailBytes);
}
