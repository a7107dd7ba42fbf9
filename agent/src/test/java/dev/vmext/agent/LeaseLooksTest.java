package dev.vmext.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.host.LockHolder;
import dev.vmext.packageformat.manifest.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LeaseLooksTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<LockHolder> APT = List.of(new LockHolder(1, "apt", "lock"));
    private final LeaseLooks looks = new LeaseLooks();

    @Test
    void looksAtOnceAndOnlyOnceAtATime() {
        assertThat(looks.begin(START)).isEmpty();
        looks.want(Lease.PACKAGE_MANAGER);
        assertThat(looks.begin(START)).containsExactly(Lease.PACKAGE_MANAGER);
        assertThat(looks.begin(START)).isEmpty();
    }

    @Test
    void looksAgainAfterASecondAndThenSlowerUpToFive() {
        Instant now = START;
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            looks.want(Lease.PACKAGE_MANAGER);
            assertThat(looks.begin(now)).hasSize(1);
            looks.seen(Lease.PACKAGE_MANAGER, APT, now);
            assertThat(looks.begin(now)).isEmpty();
            Instant next = Objects.requireNonNull(looks.next());
            pauses.add(Duration.between(now, next));
            now = next;
        }
        assertThat(pauses.getFirst()).isEqualTo(Duration.ofSeconds(1));
        assertThat(pauses).isSorted().endsWith(Duration.ofSeconds(5));
    }

    @Test
    void whatWasFreeIsForgottenWhenACommandBeginsAndAHolderIsNot() {
        looks.seen(Lease.PACKAGE_MANAGER, List.of(), START);
        looks.forget();
        assertThat(looks.views()).isEmpty();
        looks.seen(Lease.PACKAGE_MANAGER, APT, START);
        looks.forget();
        assertThat(looks.views()).hasSize(1);
    }

    @Test
    void nobodyIsWokenForWhatNobodyWaitsFor() {
        looks.want(Lease.PACKAGE_MANAGER);
        looks.seen(Lease.PACKAGE_MANAGER, APT, START);
        looks.wantNothing();
        assertThat(looks.next()).isNull();
        assertThat(looks.begin(START.plusSeconds(60))).isEmpty();
    }

    @Test
    void aClockThatWasSetBackDelaysNothing() {
        looks.want(Lease.PACKAGE_MANAGER);
        looks.seen(Lease.PACKAGE_MANAGER, APT, START);
        assertThat(looks.begin(START.minusSeconds(3600))).hasSize(1);
    }
}
