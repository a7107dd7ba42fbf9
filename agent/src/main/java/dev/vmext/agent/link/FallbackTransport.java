package dev.vmext.agent.link;

import java.io.IOException;
import java.util.Optional;

/**
 * WebSocket first; after three that were not let through although the gateway could be reached, polling, until that connection is worn
 * and a WebSocket is worth another try. A network that is down proves nothing about WebSockets and does not count. Used by the
 * link's thread.
 */
final class FallbackTransport implements Transport {
    private static final System.Logger LOG = System.getLogger(FallbackTransport.class.getName());
    static final int TRIES = 3;

    private final Transport webSockets;
    private final Transport polls;
    private int failures;

    FallbackTransport(Transport webSockets, Transport polls) {
        this.webSockets = webSockets;
        this.polls = polls;
    }

    @Override
    public Connection open(String gateway, Optional<Identity> identity, Optional<String> token, Receiver receiver)
            throws IOException, InterruptedException {
        if (failures >= TRIES) {
            failures = TRIES - 1; // when this one is worn, one more failure is enough to come back to polling
            LOG.log(System.Logger.Level.INFO, "No WebSocket gets through to {0}, polling it instead", gateway);
            return polls.open(gateway, identity, token, receiver);
        }
        try {
            Connection open = webSockets.open(gateway, identity, token, receiver);
            failures = 0;
            return open;
        } catch (NoWebSocket blocked) {
            failures++;
            throw blocked;
        }
    }

    /** The gateway, or something on the way to it, does not do WebSockets. */
    static final class NoWebSocket extends IOException {
        private static final long serialVersionUID = 1L;

        NoWebSocket(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
