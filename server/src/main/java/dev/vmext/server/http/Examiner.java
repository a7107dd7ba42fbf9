package dev.vmext.server.http;

import dev.vmext.protocol.link.DiagnosisRequest;
import java.util.concurrent.CompletableFuture;

/** Asks the agent of a machine to examine it. */
@FunctionalInterface
public interface Examiner {
    /** The doctor's text or a zip, or log-not-found when the agent is not connected or cannot do it. */
    CompletableFuture<byte[]> examine(String machineId, DiagnosisRequest.Kind kind);
}
