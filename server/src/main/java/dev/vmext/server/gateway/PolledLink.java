package dev.vmext.server.gateway;

import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.MalformedMessageException;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.ServerToAgent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A link without a socket: the agent asks, one request at a time, and what the control plane has to say waits for the next one. Lives
 * until the agent says goodbye, has been silent too long, or begins anew. Thread-safe.
 */
final class PolledLink implements LinkTransport {
    private final String remote;
    private final String endpoint;
    private final int mostWaiting;
    private final AgentSession agent;
    private final ReentrantLock turn = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    /** Guarded by the lock. */
    private final Deque<ServerToAgent> waiting = new ArrayDeque<>();
    /** Guarded by the lock. */
    private Instant heard;
    /** Guarded by the lock. */
    private boolean closed;

    PolledLink(
            GatewaySettings settings,
            String remote,
            String endpoint,
            Instant now,
            Function<LinkTransport, AgentSession> sessions) {
        this.remote = remote;
        this.endpoint = endpoint;
        this.mostWaiting = settings.limits().unsent();
        this.heard = now;
        this.agent = sessions.apply(this);
        agent.onOpen();
    }

    /**
     * What to answer.
     *
     * @param more whether there is more to say already: the agent should ask again at once
     */
    record Answer(ServerToAgent message, boolean more) {}

    /** Handles one request; a second one of the same agent waits. */
    Answer exchange(byte[] body, OpampCodec codec, Instant now, Duration patience) throws InterruptedException {
        turn.lock();
        try {
            lock.lock();
            try {
                heard = now;
            } finally {
                lock.unlock();
            }
            boolean goodbye = false;
            try {
                AgentToServer message = codec.decodeAgentToServer(body);
                goodbye = message.agentDisconnect() != null;
                agent.onMessage(message);
            } catch (MalformedMessageException e) {
                agent.onMalformed(String.valueOf(e.getMessage()));
            }
            Answer answer = take(patience);
            if (goodbye) {
                close(GOING_AWAY, "the agent says goodbye");
            }
            return answer;
        } finally {
            turn.unlock();
        }
    }

    /** Every message has an answer, though a status is answered only when it is stored; with it goes what can go in one message. */
    private Answer take(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (waiting.isEmpty() && !closed && left > 0) {
                left = arrived.awaitNanos(left);
            }
            ServerToAgent first = waiting.poll();
            if (first == null) {
                throw new IllegalStateException("a message was not answered within " + patience);
            }
            while (!waiting.isEmpty() && Merging.fits(first, waiting.peek())) {
                first = Merging.merged(first, waiting.remove());
            }
            return new Answer(first, !waiting.isEmpty() || agent.hasNews());
        } finally {
            lock.unlock();
        }
    }

    /** Whether the agent has not asked for this long. */
    boolean silentSince(Instant then) {
        lock.lock();
        try {
            return closed || heard.isBefore(then);
        } finally {
            lock.unlock();
        }
    }

    boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void send(ServerToAgent message) {
        boolean tooMany;
        lock.lock();
        try {
            tooMany = waiting.size() >= mostWaiting;
            if (!tooMany) {
                waiting.add(message);
                arrived.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (tooMany) {
            close(POLICY, "too many messages wait for it");
        }
    }

    @Override
    public void close(int code, String reason) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
        agent.onClosed();
    }

    @Override
    public String remote() {
        return remote;
    }

    @Override
    public String endpoint() {
        return endpoint;
    }

    @Override
    public Duration delay(GatewaySettings settings) {
        return settings.heartbeat();
    }

    /** How long a message may wait for its answer: the store may be busy. */
    static final Duration PATIENCE = Duration.ofMillis(TimeUnit.SECONDS.toMillis(20));
}
