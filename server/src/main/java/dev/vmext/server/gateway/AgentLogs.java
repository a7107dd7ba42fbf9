package dev.vmext.server.gateway;

import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.link.LogAnswer;
import dev.vmext.protocol.link.LogPiece;
import dev.vmext.protocol.link.LogRead;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Questions for one machine's logs that wait for their answer. Owned by one session; thread-safe. */
final class AgentLogs {
    private static final int MAX_TAIL = 1 << 20;

    private final String machineName;
    private final Duration patience;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, CompletableFuture<LogAnswer>> waiting = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<LogPiece>> reading = new ConcurrentHashMap<>();
    private volatile boolean supported;
    private volatile boolean reads;
    private volatile boolean closed;

    AgentLogs(String machineName, Duration patience) {
        this.machineName = machineName;
        this.patience = patience;
    }

    /** The agent says what it can do beyond OpAMP. */
    void announced(@Nullable CustomCapabilities capabilities) {
        supported = capabilities != null && capabilities.capabilities().contains(CustomCapability.LOGS);
        reads = capabilities != null && capabilities.capabilities().contains(CustomCapability.LOG_FILES);
    }

    CompletableFuture<LogAnswer> request(int tailBytes, Consumer<CustomMessage> send) {
        return ask(
                waiting,
                supported,
                id -> new CustomMessage(
                        CustomCapability.LOGS,
                        CustomCapability.LOGS_REQUEST,
                        Bytes.of(new LogRequest(id, Math.clamp(tailBytes, 0, MAX_TAIL)).encode())),
                send);
    }

    /**
     * What a log has had since a cursor.
     *
     * @param installation empty for the agent's own log
     */
    CompletableFuture<LogPiece> read(String installation, String cursor, int max, Consumer<CustomMessage> send) {
        return ask(
                        reading,
                        reads,
                        id -> new CustomMessage(
                                CustomCapability.LOG_FILES,
                                CustomCapability.LOG_FILES_READ,
                                Bytes.of(new LogRead(id, installation, cursor, max).encode())),
                        send)
                .thenApply(piece -> {
                    if (!piece.problem().isEmpty()) {
                        throw missing(piece.problem(), "see whether it is installed: vmext installation list");
                    }
                    return piece;
                });
    }

    private <T> CompletableFuture<T> ask(
            Map<String, CompletableFuture<T>> asked,
            boolean possible,
            Function<String, CustomMessage> question,
            Consumer<CustomMessage> send) {
        if (!possible) {
            return CompletableFuture.failedFuture(
                    missing("its agent cannot send it", "update the agent, or look at the log on the machine"));
        }
        String id = Long.toString(ids.incrementAndGet());
        CompletableFuture<T> answer = new CompletableFuture<>();
        asked.put(id, answer);
        send.accept(question.apply(id));
        if (closed) {
            closed();
        }
        return answer.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((text, failure) -> asked.remove(id))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        failure instanceof TimeoutException
                                ? missing(
                                        "the agent did not answer within " + patience.toSeconds() + " s",
                                        "try again, or look at the log on the machine")
                                : failure));
    }

    void answered(LogPiece piece) {
        CompletableFuture<LogPiece> asked = reading.get(piece.id());
        if (asked != null) {
            asked.complete(piece);
        }
    }

    void answered(LogAnswer answer) {
        CompletableFuture<LogAnswer> asked = waiting.get(answer.id());
        if (asked != null) {
            asked.complete(answer);
        }
    }

    void closed() {
        closed = true;
        ProblemException gone = missing("the machine has disconnected", "try again when it is online");
        waiting.values().forEach(answer -> answer.completeExceptionally(gone));
        reading.values().forEach(answer -> answer.completeExceptionally(gone));
    }

    private ProblemException missing(String why, String hint) {
        return new ProblemException(
                ProblemCode.LOG_NOT_FOUND, "cannot read a log of machine " + machineName + ": " + why, hint);
    }
}
