package dev.vmext.server.gateway;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.opamp.AgentCapabilities;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.ConnectionSettingsOffers;
import dev.vmext.protocol.opamp.TelemetryConnectionSettings;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Tells an agent that reports metrics where to send them: to the same gateway, with the certificate of its link. */
final class MetricsOffer {
    private MetricsOffer() {}

    /** @param endpoint of the link, {@code wss://host:port/v1/opamp} */
    static Optional<ConnectionSettingsOffers> of(AgentToServer introduction, String endpoint) {
        if ((introduction.capabilities() & AgentCapabilities.REPORTS_OWN_METRICS) == 0) {
            return Optional.empty();
        }
        String metrics = endpoint.replaceFirst("^wss://", "https://").replaceFirst("/v1/opamp$", "/v1/metrics");
        Digest hash = Digest.of(metrics.getBytes(StandardCharsets.UTF_8));
        return Optional.of(new ConnectionSettingsOffers(
                Bytes.of(hash.hash()),
                null,
                new TelemetryConnectionSettings(metrics, null, null, null, null),
                null,
                null,
                Map.of()));
    }
}
