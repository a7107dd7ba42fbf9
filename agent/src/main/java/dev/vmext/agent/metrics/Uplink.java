package dev.vmext.agent.metrics;

import dev.vmext.protocol.opamp.Bytes;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The way of metrics to the gateway, apart from the control channel. Any thread. */
public interface Uplink {
    /** Sends one {@code ExportMetricsServiceRequest} in gzip and waits for what the gateway says. Throws when there was no answer. */
    Said post(byte[] zipped) throws IOException, InterruptedException;

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param retryAfter how long the gateway wants to be left alone, null when it did not say
     * @param body the beginning of it
     */
    record Said(int status, @Nullable Duration retryAfter, Bytes body) {}
}
