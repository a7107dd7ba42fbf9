package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.testkit.ManualClock;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandshakeLimitIT {
    private static final InetAddress HERE = InetAddress.ofLiteral("192.0.2.1");

    @TempDir
    Path home;

    @Test
    void oneAddressHasABurstAndThenItsRateAndOthersHaveTheirs() {
        ManualClock clock = ManualClock.atNewYear();
        HandshakeLimit limit = new HandshakeLimit(3, 2, clock);
        for (int i = 0; i < 3; i++) {
            assertThat(limit.admits(HERE)).isTrue();
        }
        assertThat(limit.admits(HERE)).isFalse();
        assertThat(limit.admits(InetAddress.ofLiteral("2001:db8::1"))).isTrue();
        clock.advance(Duration.ofMillis(500));
        assertThat(limit.admits(HERE)).isTrue();
        assertThat(limit.admits(HERE)).isFalse();
        clock.advance(Duration.ofDays(1));
        for (int i = 0; i < 3; i++) {
            assertThat(limit.admits(HERE)).isTrue();
        }
        assertThat(limit.admits(HERE)).isFalse();
    }

    @Test
    void theGatewayClosesWhatIsBegunTooOften() throws Exception {
        GatewayLimits few = new GatewayLimits(
                4 << 20,
                100,
                16,
                Duration.ofSeconds(20),
                Duration.ofMinutes(2),
                256,
                8192,
                Duration.ofSeconds(10),
                3,
                1);
        try (GatewayFixture plane = new GatewayFixture(home, new InMemoryFleetStore(), few)) {
            ScriptedAgent agent = plane.connected("web1"); // two connections: one to enrol, one to stay
            ScriptedAgent third = plane.stranger();
            assertThat(ScriptedAgent.refusal(third::connectWithNothing)).startsWith("401");
            ScriptedAgent fourth = plane.stranger();
            assertThat(ScriptedAgent.refusal(fourth::connectWithNothing)).isEqualTo("no connection");
            agent.ask(agent.message());
            plane.clock.advance(Duration.ofSeconds(2));
            assertThat(ScriptedAgent.refusal(fourth::connectWithNothing)).startsWith("401");
        }
    }
}
