package dev.vmext.server.gateway;

import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.link.DiagnosisPart;
import dev.vmext.protocol.link.DiagnosisRequest;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Requests to one agent to examine itself that wait for their answer, which comes in parts. Owned by one session; thread-safe. */
final class Examinations {
    /** Of a whole answer: an agent that sends more is cut off. */
    private static final int MAX_ANSWER = 12 << 20;

    /** An examination of a machine whose gateways do not answer takes half a minute. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final String machineName;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();
    private volatile boolean supported;
    private volatile boolean closed;

    private static final class Waiting {
        private final CompletableFuture<byte[]> answer = new CompletableFuture<>();
        private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
        private int next;
    }

    Examinations(String machineName) {
        this.machineName = machineName;
    }

    /** The agent says what it can do beyond OpAMP. */
    void announced(@Nullable CustomCapabilities capabilities) {
        supported = capabilities != null && capabilities.capabilities().contains(CustomCapability.DIAGNOSE);
    }

    CompletableFuture<byte[]> request(DiagnosisRequest.Kind kind, Consumer<CustomMessage> send) {
        if (!supported) {
            return CompletableFuture.failedFuture(
                    missing("its agent cannot do that", "update the agent, or run vmext-agent doctor on the machine"));
        }
        String id = Long.toString(ids.incrementAndGet());
        Waiting asked = new Waiting();
        waiting.put(id, asked);
        send.accept(new CustomMessage(
                CustomCapability.DIAGNOSE,
                CustomCapability.DIAGNOSE_REQUEST,
                Bytes.of(new DiagnosisRequest(id, kind).encode())));
        if (closed) {
            closed();
        }
        return asked.answer
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((whole, failure) -> waiting.remove(id))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        failure instanceof TimeoutException
                                ? missing(
                                        "the agent did not answer within " + PATIENCE.toSeconds() + " s",
                                        "try again, or run vmext-agent doctor on the machine")
                                : failure));
    }

    /** Parts come in order; anything else is a fault of the agent. */
    void answered(DiagnosisPart part) {
        Waiting asked = waiting.get(part.id());
        if (asked == null) {
            return;
        }
        synchronized (asked) {
            if (part.number() != asked.next++
                    || asked.parts.size() + part.data().size() > MAX_ANSWER) {
                asked.answer.completeExceptionally(
                        missing("the agent's answer is broken", "try again, or run vmext-agent doctor on the machine"));
                return;
            }
            asked.parts.writeBytes(part.data().toArray());
            if (part.last()) {
                asked.answer.complete(asked.parts.toByteArray());
            }
        }
    }

    void closed() {
        closed = true;
        waiting.values()
                .forEach(asked -> asked.answer.completeExceptionally(
                        missing("the machine has disconnected", "try again when it is online")));
    }

    private ProblemException missing(String why, String hint) {
        return new ProblemException(
                ProblemCode.LOG_NOT_FOUND, "cannot examine machine " + machineName + ": " + why, hint);
    }
}
