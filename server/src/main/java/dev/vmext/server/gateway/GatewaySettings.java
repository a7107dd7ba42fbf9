package dev.vmext.server.gateway;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Where and how the gateway listens.
 *
 * @param port 0 takes any free one
 * @param agentFolder holds the agent's archives, empty when it was not built
 * @param heartbeat how often an idle agent says that it is there; one that is silent for two and a half of these is offline
 */
public record GatewaySettings(
        String host, int port, Optional<Path> agentFolder, Duration heartbeat, GatewayLimits limits) {
    public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(30);

    public GatewaySettings {
        Objects.requireNonNull(host);
        Objects.requireNonNull(agentFolder);
        Objects.requireNonNull(limits);
        if (heartbeat.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("agents cannot send heartbeats every " + heartbeat);
        }
    }

    Duration silence() {
        return heartbeat.multipliedBy(5).dividedBy(2);
    }
}
