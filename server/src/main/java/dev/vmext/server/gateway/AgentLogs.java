package dev.vmext.server.gateway;

import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.link.LogAnswer;
import dev.vmext.protocol.link.LogRequest;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Requests for one agent's log that wait for their answer. Owned by one session; thread-safe. */
final class AgentLogs {
    private static final int MAX_TAIL = 1 << 20;

    private final String machineName;
    private final Duration patience;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, CompletableFuture<String>> waiting = new ConcurrentHashMap<>();
    private volatile boolean supported;
    private volatile boolean closed;

    AgentLogs(String machineName, Duration patience) {
        this.machineName = machineName;
        this.patience = patience;
    }

    /** The agent says what it can do beyond OpAMP. */
    void announced(@Nullable CustomCapabilities capabilities) {
        supported = capabilities != null && capabilities.capabilities().contains(CustomCapability.LOGS);
    }

    CompletableFuture<String> request(int tailBytes, Consumer<CustomMessage> send) {
        if (!supported) {
            return CompletableFuture.failedFuture(
                    missing("its agent cannot send it", "update the agent, or look at the log on the machine"));
        }
        String id = Long.toString(ids.incrementAndGet());
        CompletableFuture<String> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        send.accept(new CustomMessage(
                CustomCapability.LOGS,
                CustomCapability.LOGS_REQUEST,
                Bytes.of(new LogRequest(id, Math.clamp(tailBytes, 0, MAX_TAIL)).encode())));
        if (closed) {
            closed();
        }
        return answer.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((text, failure) -> waiting.remove(id))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        failure instanceof TimeoutException
                                ? missing(
                                        "the agent did not answer within " + patience.toSeconds() + " s",
                                        "try again, or look at the log on the machine")
                                : failure));
    }

    void answered(LogAnswer answer) {
        CompletableFuture<String> asked = waiting.get(answer.id());
        if (asked != null) {
            asked.complete(answer.text());
        }
    }

    void closed() {
        closed = true;
        waiting.values()
                .forEach(answer -> answer.completeExceptionally(
                        missing("the machine has disconnected", "try again when it is online")));
    }

    private ProblemException missing(String why, String hint) {
        return new ProblemException(
                ProblemCode.LOG_NOT_FOUND, "cannot read the agent's log of machine " + machineName + ": " + why, hint);
    }
}
