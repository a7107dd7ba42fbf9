package dev.vmext.agent.metrics;

import java.io.IOException;
import java.io.InputStream;

/** The body of an answer, and what its head says about it. */
record Answer(String contentType, InputStream body) {
    /** Reads an answer; used while the connection is open. */
    interface Reader {
        void read(Answer answer) throws IOException;
    }
}
