package dev.vmext.agent.link;

import java.io.IOException;

/** One open connection that carries whole messages. Sending is for one thread; closing for any. */
interface Connection {
    void send(byte[] frame) throws IOException;

    /** Says goodbye to the peer. */
    void close();

    /** Drops it at once: the peer is not there any more. */
    void abort();
}
