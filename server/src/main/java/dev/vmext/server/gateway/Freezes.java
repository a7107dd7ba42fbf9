package dev.vmext.server.gateway;

import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.freeze.FreezeAnswer;
import dev.vmext.protocol.freeze.FreezeMark;
import dev.vmext.protocol.freeze.FreezeRequest;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Requests to one agent to hold its machine still that wait for their answer. Owned by one session; thread-safe. */
final class Freezes {
    /** Hooks of the machine's owner may take a minute. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final String machineName;
    private final Map<String, CompletableFuture<FreezeAnswer>> waiting = new ConcurrentHashMap<>();
    private volatile boolean supported;
    private volatile boolean closed;

    Freezes(String machineName) {
        this.machineName = machineName;
    }

    /** The agent says what it can do beyond OpAMP. */
    void announced(@Nullable CustomCapabilities capabilities) {
        supported = capabilities != null && capabilities.capabilities().contains(CustomCapability.FREEZE);
    }

    CompletableFuture<FreezeAnswer> hold(String id, int seconds, Consumer<CustomMessage> send) {
        return ask(
                CustomCapability.FREEZE_HELD,
                id,
                new CustomMessage(
                        CustomCapability.FREEZE,
                        CustomCapability.FREEZE_HOLD,
                        Bytes.of(new FreezeRequest(id, seconds).encode())),
                send);
    }

    CompletableFuture<FreezeAnswer> release(String id, Consumer<CustomMessage> send) {
        return ask(
                CustomCapability.FREEZE_RELEASED,
                id,
                new CustomMessage(
                        CustomCapability.FREEZE,
                        CustomCapability.FREEZE_RELEASE,
                        Bytes.of(new FreezeMark(id).encode())),
                send);
    }

    private CompletableFuture<FreezeAnswer> ask(
            String answer, String id, CustomMessage message, Consumer<CustomMessage> send) {
        if (!supported) {
            return CompletableFuture.failedFuture(failed("its agent cannot do that", "update the agent"));
        }
        String key = answer + " " + id;
        CompletableFuture<FreezeAnswer> asked = new CompletableFuture<>();
        waiting.put(key, asked);
        send.accept(message);
        if (closed) {
            closed();
        }
        return asked.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((whole, failure) -> waiting.remove(key))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        failure instanceof TimeoutException
                                ? failed("its agent did not answer within " + PATIENCE.toSeconds() + " s", "try again")
                                : failure));
    }

    void held(FreezeAnswer answer) {
        answered(CustomCapability.FREEZE_HELD, answer);
    }

    void released(FreezeAnswer answer) {
        answered(CustomCapability.FREEZE_RELEASED, answer);
    }

    private void answered(String kind, FreezeAnswer answer) {
        CompletableFuture<FreezeAnswer> asked = waiting.get(kind + " " + answer.id());
        if (asked != null) {
            asked.complete(answer);
        }
    }

    void closed() {
        closed = true;
        waiting.values()
                .forEach(asked ->
                        asked.completeExceptionally(failed("it has disconnected", "try again when it is online")));
    }

    private ProblemException failed(String why, String hint) {
        return new ProblemException(
                ProblemCode.FREEZE_FAILED, "cannot hold machine " + machineName + " still: " + why, hint);
    }
}
