package dev.vmext.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgesTest {
    @Test
    void readsLengthsOfTimeInEveryUnit() {
        assertThat(Ages.parse("90")).isEqualTo(Duration.ofSeconds(90));
        assertThat(Ages.parse("90s")).isEqualTo(Duration.ofSeconds(90));
        assertThat(Ages.parse("15m")).isEqualTo(Duration.ofMinutes(15));
        assertThat(Ages.parse("2h")).isEqualTo(Duration.ofHours(2));
        assertThat(Ages.parse("7d")).isEqualTo(Duration.ofDays(7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-5m", "5 m", "m", "5w", "99999999999999999999s", "9223372036854775807d"})
    void refusesWhatIsNoLengthOfTime(String text) {
        assertThatThrownBy(() -> Ages.parse(text)).hasMessageContaining("'" + text + "'");
    }

    @Test
    void saysHowLongAgoInTheLargestUnitThatFits() {
        Instant now = Instant.parse("2026-01-02T00:00:00Z");
        assertThat(Ages.ago(now.minusSeconds(119), now)).isEqualTo("119s");
        assertThat(Ages.ago(now.minusSeconds(600), now)).isEqualTo("10m");
        assertThat(Ages.ago(now.minusSeconds(86_400), now)).isEqualTo("24h");
        assertThat(Ages.ago(null, now)).isEqualTo("-");
    }

    @Test
    void aClockThatRanBackwardsGivesNoNegativeAge() {
        Instant now = Instant.parse("2026-01-02T00:00:00Z");
        assertThat(Ages.ago(now.plusSeconds(5), now)).isEqualTo("0s");
    }
}
