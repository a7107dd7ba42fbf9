package dev.vmext.agent.link;

import dev.vmext.agent.json.JsonTree;
import dev.vmext.protocol.opamp.MessageLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** WebSocket over mutual TLS with the JDK's client. Any thread. */
final class WebSocketTransport implements Transport {
    private static final Duration CONNECT = Duration.ofSeconds(20);
    private static final Duration SEND = Duration.ofSeconds(30);
    private static final int LARGEST = MessageLimits.STANDARD.maxMessageBytes() + 1;

    private final GatewayClients clients;

    WebSocketTransport(GatewayClients clients) {
        this.clients = clients;
    }

    @Override
    public Connection open(String gateway, Optional<Identity> identity, Optional<String> token, Receiver receiver)
            throws IOException, InterruptedException {
        HttpClient client = clients.client(identity);
        URI address = URI.create("wss://" + gateway + "/v1/opamp");
        WebSocket.Builder builder = client.newWebSocketBuilder().connectTimeout(clients.stretched(CONNECT));
        token.ifPresent(secret -> builder.header("Authorization", "Bearer " + secret));
        Listener listener = new Listener(receiver);
        try {
            WebSocket socket = builder.buildAsync(address, listener)
                    .get(clients.stretched(CONNECT).multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
            return new Open(socket);
        } catch (TimeoutException e) {
            throw new IOException("cannot connect to " + gateway + ": it does not answer", e);
        } catch (ExecutionException e) {
            throw translated(gateway, client, token, e.getCause());
        }
    }

    private IOException translated(String gateway, HttpClient client, Optional<String> token, @Nullable Throwable cause)
            throws InterruptedException {
        if (cause instanceof WebSocketHandshakeException refused) {
            HttpResponse<?> response = refused.getResponse();
            Duration retryAfter = response.headers()
                    .firstValue("Retry-After")
                    .flatMap(WebSocketTransport::seconds)
                    .orElse(null);
            return new Refusal(
                    response.statusCode(),
                    "gateway " + gateway + " refuses the connection with " + response.statusCode()
                            + explanation(gateway, client, token),
                    retryAfter);
        }
        if (cause instanceof IOException failed) {
            return new IOException("cannot connect to " + gateway + ": " + describe(failed), failed);
        }
        return new IOException("cannot connect to " + gateway + ": " + cause, cause);
    }

    /** Some exceptions of the network carry no text, and TLS hides its reason one level deeper. */
    private static String describe(Throwable failed) {
        StringBuilder text = new StringBuilder();
        @Nullable Throwable at = failed;
        for (int depth = 0; at != null && depth < 4; depth++) {
            String message = at.getMessage();
            String shown = message == null || message.isBlank() ? at.getClass().getSimpleName() : message;
            if (text.indexOf(shown) < 0) {
                text.append(text.isEmpty() ? "" : ": ").append(shown);
            }
            at = at.getCause();
        }
        return text.toString();
    }

    /** The JDK drops the body of a refused upgrade, so the same address is asked without upgrade for the problem in words. */
    private String explanation(String gateway, HttpClient client, Optional<String> token) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://" + gateway + "/v1/opamp"))
                .timeout(clients.stretched(CONNECT));
        token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        try {
            byte[] body = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray())
                    .body();
            if (body.length > 0
                    && body.length < 16_384
                    && JsonTree.parse(body) instanceof Map<?, ?> problem
                    && problem.get("detail") instanceof String detail) {
                Object hint = problem.get("hint");
                Object code = problem.get("code");
                return ": " + detail + (hint instanceof String text && !text.isEmpty() ? "; " + text : "")
                        + (code instanceof String word ? " (" + word + ")" : "");
            }
            return "";
        } catch (IOException noExplanation) {
            return "";
        }
    }

    private static Optional<Duration> seconds(String header) {
        try {
            return Optional.of(Duration.ofSeconds(Math.min(3600, Long.parseLong(header.strip()))));
        } catch (NumberFormatException aDate) {
            return Optional.empty();
        }
    }

    private record Open(WebSocket socket) implements Connection {
        @Override
        public void send(byte[] frame) throws IOException {
            try {
                // One at a time: the JDK's client refuses a second message while one is on its way.
                socket.sendBinary(ByteBuffer.wrap(frame), true).get(SEND.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                socket.abort();
                throw new IOException("cannot send: " + describe(e), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("cannot send: the agent stops", e);
            }
        }

        @Override
        public void close() {
            var _ = socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
        }

        @Override
        public void abort() {
            socket.abort();
        }
    }

    private static final class Listener implements WebSocket.Listener {
        private final Receiver receiver;
        private final AtomicBoolean ended = new AtomicBoolean();
        private ByteArrayOutputStream parts = new ByteArrayOutputStream();

        private Listener(Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            parts.writeBytes(bytes);
            if (parts.size() > LARGEST) {
                socket.abort();
                end("the gateway sent a message larger than " + LARGEST + " bytes");
                return null;
            }
            if (last) {
                byte[] frame = parts.toByteArray();
                parts = new ByteArrayOutputStream();
                receiver.message(frame);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            socket.abort();
            end("the gateway sent text");
            return CompletableFuture.completedStage(null);
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            end("the gateway closed the connection (" + code + (reason.isEmpty() ? "" : ", " + reason) + ")");
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            end("the connection was lost: " + describe(error));
        }

        private void end(String why) {
            if (ended.compareAndSet(false, true)) {
                receiver.closed(why);
            }
        }
    }
}
