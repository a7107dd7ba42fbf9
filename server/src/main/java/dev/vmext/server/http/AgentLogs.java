package dev.vmext.server.http;

import java.util.concurrent.CompletableFuture;

/** Asks the agent of a machine for the end of its log. */
@FunctionalInterface
public interface AgentLogs {
    /** The text, or log-not-found when the agent is not connected or cannot send it. */
    CompletableFuture<String> request(String machineId, int tailBytes);
}
