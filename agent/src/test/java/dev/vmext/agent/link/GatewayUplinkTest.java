package dev.vmext.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GatewayUplinkTest {
    @Test
    void aGatewayThatIsAwayIsSaidInWords() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        GatewayClients clients = new GatewayClients(Digest.of(new byte[0]), InstantSource.fixed(Instant.EPOCH), 1);
        assertThat(clients.client(Optional.empty())).isNotNull();
        GatewayUplink uplink = new GatewayUplink(clients, new GatewayChoice(List.of("127.0.0.1:" + port)));

        // The client of the Java library refuses without a word of why.
        assertThatThrownBy(() -> uplink.post(new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ConnectException");
    }
}
