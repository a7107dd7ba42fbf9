package dev.vmext.fleet.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.alert.Condition.Comparison;
import dev.vmext.fleet.alert.Signal.Combine;
import dev.vmext.fleet.alert.testing.SeriesInMemory;
import dev.vmext.packageformat.manifest.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    private static final Map<String, String> UNIT = Map.of("installation", "i", "source", "node", "name", "u.service");
    private static final Map<String, String> ORIGIN = Map.of("installation", "i", "source", "node");

    private final SeriesInMemory series = new SeriesInMemory();

    private boolean gone(Signal signal) {
        AlertRule rule = new AlertRule(
                "rule",
                "s",
                "",
                Severity.HIGH,
                Map.of(),
                signal,
                new Condition.Threshold(Comparison.ABOVE, 0, MINUTE),
                MINUTE,
                MINUTE,
                true);
        return new Ends(rule, "default", series, NOW, Duration.ofMinutes(15)).has(new AlertKey("rule", "a", UNIT));
    }

    private void say(Instant at, double value, double up) {
        series.add("a", "m", UNIT, at, value);
        series.add("a", "up", ORIGIN, at, up);
    }

    @Test
    void aSeriesThatGoesOnIsNotGone() {
        say(NOW, 1, 1);
        assertThat(gone(Signal.of("m"))).isFalse();
    }

    @Test
    void aSeriesThatItsProgramAnswersWithoutIsGone() {
        say(NOW.minus(MINUTE), 1, 1);
        say(NOW, Double.NaN, 1);
        assertThat(gone(Signal.of("m"))).isTrue();
    }

    @Test
    void aSeriesOfAnEndpointThatIsAskedNoMoreIsGone() {
        say(NOW, Double.NaN, Double.NaN);
        assertThat(gone(Signal.of("m"))).isTrue();
    }

    @Test
    void theSilenceOfAProgramThatDoesNotAnswerSaysNothing() {
        say(NOW, Double.NaN, 0);
        assertThat(gone(Signal.of("m"))).isFalse();
    }

    @Test
    void anAnswerOfBeforeTheEndSaysNothing() {
        series.add("a", "up", ORIGIN, NOW.minus(MINUTE), 1);
        series.add("a", "m", UNIT, NOW, Double.NaN);
        assertThat(gone(Signal.of("m"))).isFalse();
    }

    @Test
    void theEndpointWithOtherLabelsNowIsTheSameEndpoint() {
        say(NOW.minus(MINUTE), Double.NaN, 0);
        series.add("a", "up", Map.of("installation", "i", "source", "node", "team", "t"), NOW, 1);
        assertThat(gone(Signal.of("m"))).isTrue();
    }

    @Test
    void whatOtherMachinesAndEndpointsAnswerSaysNothing() {
        series.add("a", "m", UNIT, NOW, Double.NaN);
        series.add("b", "up", ORIGIN, NOW, 1);
        series.add("a", "up", Map.of("installation", "i", "source", "shop"), NOW, 1);
        assertThat(gone(Signal.of("m"))).isFalse();
    }

    @Test
    void anAlertAboutSeveralSeriesIsNotOverWithOneOfThem() {
        say(NOW, Double.NaN, 1);
        assertThat(gone(Signal.of("m").combined(Combine.SUM))).isFalse();
    }
}
