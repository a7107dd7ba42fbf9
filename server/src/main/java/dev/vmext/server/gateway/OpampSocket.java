package dev.vmext.server.gateway;

import dev.vmext.protocol.opamp.MalformedMessageException;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.ServerToAgent;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;

/**
 * One agent's WebSocket: frames to messages and back. The next frame is asked for when the one before was handled, so that a busy
 * server makes agents wait. Jetty calls it, one event at a time; sending is thread-safe.
 */
public final class OpampSocket implements Session.Listener, LinkTransport {
    private static final Logger LOG = System.getLogger(OpampSocket.class.getName());
    private static final int UNSUPPORTED_DATA = 1003;

    private final OpampCodec codec;
    private final GatewaySettings settings;
    private final String remote;
    private final String endpoint;
    private final AgentSession agent;
    /** Messages of the agent whose answers are not on their way yet. */
    private final AtomicInteger open = new AtomicInteger();

    private final AtomicBoolean paused = new AtomicBoolean();
    private volatile @Nullable Session socket;

    OpampSocket(
            OpampCodec codec,
            GatewaySettings settings,
            String remote,
            String endpoint,
            Function<LinkTransport, AgentSession> sessions) {
        this.codec = codec;
        this.settings = settings;
        this.remote = remote;
        this.endpoint = endpoint;
        this.agent = sessions.apply(this);
    }

    @Override
    public void onWebSocketOpen(Session opened) {
        opened.setMaxBinaryMessageSize(settings.limits().messageBytes() + 1);
        opened.setMaxOutgoingFrames(settings.limits().unsent());
        opened.setIdleTimeout(settings.silence());
        socket = opened;
        agent.onOpen();
        opened.demand();
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        byte[] frame = new byte[payload.remaining()];
        payload.get(frame);
        callback.succeed();
        try {
            agent.onMessage(codec.decodeAgentToServerFrame(frame));
        } catch (MalformedMessageException e) {
            agent.onMalformed(String.valueOf(e.getMessage()));
        }
        if (tooManyOpen()) {
            paused.set(true);
            goOn(); // the last answers may have gone meanwhile
        } else {
            demand();
        }
    }

    /** Answers to half of what may wait unsent: the rest is for goals and commands. */
    private boolean tooManyOpen() {
        return open.get() >= Math.max(1, settings.limits().unsent() / 2);
    }

    private void goOn() {
        if (!tooManyOpen() && paused.compareAndSet(true, false)) {
            demand();
        }
    }

    @Override
    public void onWebSocketText(String message) {
        close(UNSUPPORTED_DATA, "OpAMP messages are binary");
        demand();
    }

    /** Also after a close: the peer's answer to it must be read, or the connection ends without one. */
    private void demand() {
        Session connection = socket;
        if (connection != null) {
            connection.demand();
        }
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        LOG.log(Level.DEBUG, "a link ends", cause);
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        agent.onClosed();
        callback.succeed();
    }

    @Override
    public void send(ServerToAgent message) {
        send(message, () -> {});
    }

    @Override
    public Consumer<ServerToAgent> later() {
        open.incrementAndGet();
        return message -> send(message, () -> {
            open.decrementAndGet();
            goOn();
        });
    }

    private void send(ServerToAgent message, Runnable gone) {
        Session connection = socket;
        if (connection == null) {
            gone.run();
            return;
        }
        ByteBuffer frame = ByteBuffer.wrap(codec.encodeFrame(message));
        // A peer that does not read what is sent to it, or is gone, gets no second chance on this connection.
        connection.sendBinary(frame, Callback.from(gone, failure -> {
            connection.disconnect();
            gone.run();
        }));
    }

    @Override
    public void close(int code, String reason) {
        Session connection = socket;
        if (connection != null) {
            connection.close(code, reason, Callback.NOOP);
        }
    }

    @Override
    public String remote() {
        return remote;
    }

    @Override
    public String endpoint() {
        return endpoint;
    }
}
