package dev.vmext.systemtests.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.server.gateway.GatewayLimits;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long agent and gateway keep a connection on which nothing is said. */
class QuietConnectionTest {
    private static final String OPTION = "-Djdk.httpclient.keepalive.timeout=";

    @Test
    void theAgentForgetsAConnectionWellBeforeTheGatewayClosesIt() throws Exception {
        Duration agent = Files.readAllLines(Repository.ROOT.resolve("packaging/agent/jvm.options")).stream()
                .filter(line -> line.startsWith(OPTION))
                .map(line -> Duration.ofSeconds(Long.parseLong(line.substring(OPTION.length()))))
                .findFirst()
                .orElse(Duration.ofSeconds(30));
        assertThat(agent)
                .as("else a request goes out on a connection that is just being closed")
                .isLessThanOrEqualTo(GatewayLimits.DEFAULTS.handshake().dividedBy(2));
    }
}
