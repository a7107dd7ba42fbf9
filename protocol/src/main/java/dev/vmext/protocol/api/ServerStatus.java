package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.Map;

/**
 * How the control plane is.
 *
 * @param gateway host:port of the agent gateway
 * @param caDigest {@code sha256:<hex>} of the gateway CA's certificate
 * @param machines number by state; {@code installations} likewise
 */
public record ServerStatus(
        String version,
        Instant startedAt,
        String home,
        String api,
        String gateway,
        String caDigest,
        Map<String, Integer> machines,
        Map<String, Integer> installations,
        int extensions,
        int connectedAgents,
        MetricsStatus metrics) {
    /**
     * What is kept of metrics.
     *
     * @param machines that have series
     * @param bytes on the disk
     */
    public record MetricsStatus(int machines, long series, long bytes) {
        public static final MetricsStatus NONE = new MetricsStatus(0, 0, 0);
    }
}
