package dev.vmext.systemtests.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.trust.HostileGateway;
import dev.vmext.systemtests.trust.Victim;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that has too much to do directs how soon a real agent comes back, and is not burdened further. */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
class BusyGatewayIT {
    private static final Duration WISH = Duration.ofSeconds(2);

    @TempDir
    Path temp;

    @Test
    void isAskedOnceEachTimeNoSoonerThanItWishesAndThenTakenUp() throws Exception {
        try (HostileGateway gateway = new HostileGateway();
                Victim victim = new Victim(temp.resolve("root"))
                        .enrolledWith(gateway, new SamplePublisher("acme").trusted(TrustMode.FULL), 1)) {
            gateway.busy(WISH.toSeconds());
            victim.start();
            List<Long> at = Eventually.until(
                    "the agent came three times, see " + victim.console(),
                    Duration.ofSeconds(60),
                    gateway::turnedAway,
                    times -> times.size() >= 3);
            for (int i = 1; i < 3; i++) {
                assertThat(Duration.ofNanos(at.get(i) - at.get(i - 1)))
                        .as("between %d and %d", i, i + 1)
                        .isGreaterThanOrEqualTo(WISH);
            }
            assertThat(victim.log()).contains("refuses the connection with 503");
            gateway.busy(0);
            victim.awaitConnected(gateway);
        }
    }
}
