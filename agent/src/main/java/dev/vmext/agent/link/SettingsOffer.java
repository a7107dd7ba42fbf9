package dev.vmext.agent.link;

import dev.vmext.protocol.opamp.OpampConnectionSettings;
import dev.vmext.protocol.opamp.TelemetryConnectionSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Which connection settings a control plane may set without being asked: the heartbeat interval, and whether metrics are sent to its gateway. Which gateway this machine talks to, and how, is
 * its owner's word; a certificate is taken for a key that was made here, when it was asked for. Pure.
 */
final class SettingsOffer {
    private static final long LONGEST_HEARTBEAT = 3600;

    private SettingsOffer() {}

    static Duration heartbeat(OpampConnectionSettings settings) {
        return Duration.ofSeconds(Math.clamp(settings.heartbeatIntervalSeconds(), 0, LONGEST_HEARTBEAT));
    }

    /** Why the whole offer is not taken, empty when it is. */
    static Optional<String> refusal(OpampConnectionSettings settings, String gateway) {
        boolean elsewhere = !settings.destinationEndpoint().isEmpty()
                && !List.of("wss://" + gateway + "/v1/opamp", "https://" + gateway + "/v1/opamp")
                        .contains(settings.destinationEndpoint());
        if (elsewhere) {
            return Optional.of("the gateway of this machine is what its owner wrote into agent.json, " + gateway);
        }
        if (settings.certificate() != null) {
            return Optional.of("no certificate was asked for");
        }
        return settings.headers() != null || settings.proxy() != null || settings.tls() != null
                ? Optional.of("headers, proxies and rules of TLS are not taken from a control plane")
                : Optional.empty();
    }

    /** Whether an offer for metrics, which was not refused, takes them: an empty address ends it. */
    static boolean takesMetrics(TelemetryConnectionSettings metrics) {
        return !metrics.destinationEndpoint().isEmpty();
    }

    /** Why an offer for metrics is not taken, empty when it is. */
    static Optional<String> refusal(TelemetryConnectionSettings metrics, String gateway) {
        boolean elsewhere = takesMetrics(metrics)
                && !metrics.destinationEndpoint().equals("https://" + gateway + GatewayUplink.PATH);
        if (elsewhere) {
            return Optional.of(
                    "metrics of this machine go to the gateway that its owner wrote into agent.json, https://" + gateway
                            + GatewayUplink.PATH);
        }
        boolean more = metrics.headers() != null
                || metrics.proxy() != null
                || metrics.tls() != null
                || metrics.certificate() != null;
        return more
                ? Optional.of(
                        "metrics go with the machine's own certificate; nothing else is taken from a control plane")
                : Optional.empty();
    }
}
