package dev.vmext.server.gateway;

import dev.vmext.protocol.opamp.ServerToAgent;
import java.time.Duration;
import java.util.function.Consumer;

/** One agent's connection as its session sees it; a WebSocket or polls. Thread-safe, never blocks long. */
interface LinkTransport {
    int GOING_AWAY = 1001;
    int POLICY = 1008;
    /** In the range for applications: the machine has a newer link. */
    int REPLACED = 4000;

    /** Sends after what was sent before; drops it when the connection is gone. */
    void send(ServerToAgent message);

    /**
     * Where the answer to a message goes that cannot be given at once. Exactly one answer has to follow; while many are open, the link
     * may read no further, so that a storm of messages does not become a heap of answers.
     */
    default Consumer<ServerToAgent> later() {
        return this::send;
    }

    void close(int code, String reason);

    /** How long a message may wait until the agent can take it. */
    default Duration delay(GatewaySettings settings) {
        return Duration.ZERO;
    }

    /** The peer's address, for the log. */
    String remote();

    /** The address under which the agent reached the gateway, what it is told to connect to again. */
    String endpoint();
}
