package dev.vmext.agent.link;

import dev.vmext.protocol.opamp.MessageLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
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
            int status = response.statusCode();
            if (status == 401 || status == 403) {
                return Failures.refusal(gateway, status, response.headers(), explanation(gateway, client, token));
            }
            if (status == 429 || status == 503) {
                // Who has too much to do is not asked a second time.
                return Failures.refusal(gateway, status, response.headers(), new byte[0]);
            }
            return new FallbackTransport.NoWebSocket(
                    "gateway " + gateway + " answers " + status
                            + " to a WebSocket; something on the way may not let it through",
                    refused);
        }
        if (cause instanceof ConnectException
                || cause instanceof HttpConnectTimeoutException
                || cause instanceof SSLException
                || cause instanceof UnresolvedAddressException) {
            return new IOException("cannot connect to " + gateway + ": " + Failures.describe(cause), cause);
        }
        if (cause instanceof IOException failed) {
            // Connected, and then the upgrade was cut off.
            return new FallbackTransport.NoWebSocket(
                    "cannot connect to " + gateway + ": " + Failures.describe(failed), failed);
        }
        return new IOException("cannot connect to " + gateway + ": " + cause, cause);
    }

    /** The JDK drops the body of a refused upgrade, so the same address is asked without upgrade for the problem in words. */
    private byte[] explanation(String gateway, HttpClient client, Optional<String> token) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://" + gateway + "/v1/opamp"))
                .timeout(clients.stretched(CONNECT));
        token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray())
                    .body();
        } catch (IOException noExplanation) {
            return new byte[0];
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
                throw new IOException("cannot send: " + Failures.describe(e), e);
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
            end("the connection was lost: " + Failures.describe(error));
        }

        private void end(String why) {
            if (ended.compareAndSet(false, true)) {
                receiver.closed(new IOException(why));
            }
        }
    }
}
