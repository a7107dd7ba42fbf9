package dev.vmext.server.config;

import dev.vmext.server.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * {@code VMEXT_HOME/run/server.json}: where the running server really listens. The command line and tests read it; it is there from the
 * moment both ports accept connections until the server stops.
 *
 * @param api base address of the API, {@code http://127.0.0.1:7440}
 * @param gatewayPort port of the agent gateway
 */
public record RunFile(long pid, String api, int gatewayPort, Instant started) {
    public void write(Path file) throws IOException {
        WholeFile.writePublic(file, StrictJson.writePretty(this));
    }

    public static void remove(Path file) throws IOException {
        Files.deleteIfExists(file);
    }
}
