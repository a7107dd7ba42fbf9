package dev.vmext.agent.fetch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Gets a file from the gateway. */
public interface Download {
    /**
     * Brings a file to its full size, beginning where an earlier try ended. Retries what may pass until the time is over.
     *
     * @param path on the gateway
     */
    void fetch(String path, Path into, long size, Duration atMost) throws IOException, InterruptedException;
}
