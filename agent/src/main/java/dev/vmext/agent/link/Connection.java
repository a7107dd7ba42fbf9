package dev.vmext.agent.link;

import java.io.IOException;

/** One open connection that carries whole messages. Sending is for one thread; closing for any. */
interface Connection {
    void send(byte[] frame) throws IOException;

    /** Whether the peer can only answer, so that it has to be asked. */
    default boolean polled() {
        return false;
    }

    /** Whether a better kind of connection should be tried now. */
    default boolean worn() {
        return false;
    }

    /** Says goodbye to the peer. */
    void close();

    /** Drops it at once: the peer is not there any more. */
    void abort();
}
