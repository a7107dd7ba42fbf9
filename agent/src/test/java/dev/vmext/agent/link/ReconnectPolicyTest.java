package dev.vmext.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class ReconnectPolicyTest {
    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    private final ReconnectPolicy policy = new ReconnectPolicy(random);

    @Test
    void staysAwayLongerAfterEachFailureUpToTheCap() {
        Duration longest = Duration.ZERO;
        for (int i = 0; i < 200; i++) {
            Duration next = policy.next(null);
            assertThat(next).isLessThanOrEqualTo(ReconnectPolicy.CAP);
            longest = next.compareTo(longest) > 0 ? next : longest;
        }
        assertThat(longest).isGreaterThan(Duration.ofMinutes(4));
    }

    @Test
    void isRandomAtTheCapToo() {
        Set<Duration> delays = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            delays.add(policy.next(null));
        }
        assertThat(delays).hasSizeGreaterThan(90);
        assertThat(delays).anyMatch(delay -> delay.compareTo(Duration.ofMinutes(1)) < 0);
    }

    @Test
    void beginsAnewAfterASuccess() {
        for (int i = 0; i < 20; i++) {
            assertThat(policy.next(null)).isNotNull();
        }
        policy.succeeded();
        assertThat(policy.next(null)).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void obeysTheGateway() {
        assertThat(policy.next(Duration.ofSeconds(40))).isBetween(Duration.ofSeconds(40), Duration.ofSeconds(50));
        assertThat(policy.next(Duration.ZERO)).isZero();
    }

    @Test
    void isNotSentAwayForEver() {
        assertThat(policy.next(Duration.ofNanos(Long.MAX_VALUE)))
                .isLessThanOrEqualTo(
                        ReconnectPolicy.LONGEST_WISH.multipliedBy(5).dividedBy(4));
    }
}
