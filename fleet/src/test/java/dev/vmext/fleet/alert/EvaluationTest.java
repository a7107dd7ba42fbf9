package dev.vmext.fleet.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vmext.fleet.alert.Alert.Phase;
import dev.vmext.fleet.alert.Condition.Comparison;
import dev.vmext.fleet.alert.testing.SeriesInMemory;
import dev.vmext.packageformat.manifest.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration FIVE = Duration.ofMinutes(5);

    private final SeriesInMemory series = new SeriesInMemory();
    private final Map<AlertKey, Alert> remembered = new HashMap<>();
    private final Set<String> gone = new HashSet<>();
    private final Set<String> offline = new HashSet<>();
    private final List<String> news = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-30T12:00:00Z");

    private static AlertRule rule(Signal signal, Condition condition, Duration lasts, Duration clears) {
        return new AlertRule("rule", "s", "", Severity.HIGH, Map.of(), signal, condition, lasts, clears, true);
    }

    private static AlertRule above(double limit, Duration lasts, Duration clears) {
        return rule(Signal.of("m"), new Condition.Threshold(Comparison.ABOVE, limit, FIVE), lasts, clears);
    }

    private void say(String machine, double value) {
        series.add(machine, "m", Map.of(), now, value);
    }

    private void after(Duration time) {
        now = now.plus(time);
    }

    /** As the control plane does: what is to be remembered is, what is to be forgotten is not. */
    private void look(AlertRule rule) {
        Evaluation seen = Evaluation.of(
                rule,
                "default",
                List.copyOf(remembered.values()),
                series,
                new Evaluation.Machines() {
                    @Override
                    public boolean concerned(AlertRule about, String machineId) {
                        return !gone.contains(machineId);
                    }

                    @Override
                    public boolean online(String machineId) {
                        return !offline.contains(machineId);
                    }
                },
                now);
        seen.gone().forEach(alert -> remembered.remove(alert.key()));
        seen.put().forEach(alert -> remembered.put(alert.key(), alert.stored()));
        seen.fired().forEach(alert -> news.add("fired " + alert.key().machineId()));
        seen.resolved().forEach(alert -> news.add("resolved " + alert.key().machineId()));
    }

    private void tell() {
        remembered.replaceAll((key, alert) -> alert.untold() ? alert.withToldPhase() : alert);
    }

    private Phase phase() {
        assertThat(remembered).hasSize(1);
        return remembered.values().iterator().next().phase();
    }

    @Test
    void firesOnlyWhenItWasTrueForAsLongAsTheRuleSays() {
        AlertRule rule = above(10, FIVE, MINUTE);
        say("a", 11);
        look(rule);
        assertThat(phase()).isEqualTo(Phase.PENDING);
        after(Duration.ofMinutes(4));
        say("a", 12);
        look(rule);
        assertThat(phase()).isEqualTo(Phase.PENDING);
        after(MINUTE);
        say("a", 12);
        look(rule);

        assertThat(phase()).isEqualTo(Phase.FIRING);
        assertThat(news).containsExactly("fired a");
    }

    @Test
    void aRuleWithoutTimeFiresAtOnce() {
        AlertRule rule = above(10, Duration.ZERO, MINUTE);
        say("a", 11);
        look(rule);

        assertThat(phase()).isEqualTo(Phase.FIRING);
        assertThat(news).containsExactly("fired a");
    }

    @Test
    void whatIsTrueForAMomentIsForgotten() {
        AlertRule rule = above(10, FIVE, MINUTE);
        say("a", 11);
        look(rule);
        after(MINUTE);
        say("a", 9);
        look(rule);

        assertThat(remembered).isEmpty();
        assertThat(news).isEmpty();
    }

    @Test
    void isOverOnlyWhenItWasUntrueForAsLongAsTheRuleSays() {
        AlertRule rule = above(10, Duration.ZERO, Duration.ofMinutes(2));
        say("a", 11);
        look(rule);
        tell();
        after(MINUTE);
        say("a", 9);
        look(rule);
        assertThat(phase()).as("it was true a minute ago").isEqualTo(Phase.FIRING);
        after(MINUTE);
        say("a", 9);
        look(rule);

        assertThat(phase()).isEqualTo(Phase.RESOLVED);
        assertThat(news).containsExactly("fired a", "resolved a");
        tell();
        look(rule);
        assertThat(remembered).as("told, and so forgotten").isEmpty();
    }

    @Test
    void whatComesAndGoesBeforeAnybodyWasToldIsForgottenAtItsEnd() {
        AlertRule rule = above(10, Duration.ZERO, Duration.ZERO);
        say("a", 11);
        look(rule);
        after(MINUTE);
        say("a", 9);
        look(rule);

        assertThat(remembered).isEmpty();
        assertThat(news).containsExactly("fired a", "resolved a");
    }

    @Test
    void anAlertThatWasOverAndComesBackBeforeThatWasToldFiresAgain() {
        AlertRule rule = above(10, Duration.ZERO, Duration.ZERO);
        say("a", 11);
        look(rule);
        tell();
        after(MINUTE);
        say("a", 9);
        look(rule);
        after(MINUTE);
        say("a", 11);
        look(rule);

        assertThat(phase()).isEqualTo(Phase.FIRING);
        assertThat(news).containsExactly("fired a", "resolved a", "fired a");
        assertThat(remembered.values()).noneMatch(Alert::untold);
    }

    @Test
    void anAlertOfAMachineThatWentAwayStays() {
        AlertRule rule = above(10, Duration.ZERO, Duration.ZERO);
        say("a", 11);
        look(rule);
        offline.add("a");
        after(Duration.ofDays(3));
        look(rule);

        assertThat(phase()).isEqualTo(Phase.FIRING);
        offline.clear();
        say("a", 9);
        look(rule);
        assertThat(news).containsExactly("fired a", "resolved a");
    }

    @Test
    void anAlertWhoseSeriesIsGoneFromAConnectedMachineIsOver() {
        AlertRule rule = above(10, Duration.ZERO, Duration.ZERO);
        say("a", 11);
        look(rule);
        after(Duration.ofMinutes(14));
        look(rule);
        assertThat(phase()).isEqualTo(Phase.FIRING);
        after(Duration.ofMinutes(2));
        look(rule);

        assertThat(news).containsExactly("fired a", "resolved a");
    }

    @Test
    void anAlertOfAMachineThatIsDeletedIsOver() {
        AlertRule rule = above(10, Duration.ZERO, Duration.ofHours(1));
        say("a", 11);
        look(rule);
        gone.add("a");
        look(rule);

        assertThat(news).containsExactly("fired a", "resolved a");
        assertThat(remembered).isEmpty();
    }

    @Test
    void aRuleThatIsSwitchedOffEndsItsAlerts() {
        AlertRule rule = above(10, Duration.ZERO, Duration.ofHours(1));
        say("a", 11);
        look(rule);
        look(rule.enabled(false));

        assertThat(news).containsExactly("fired a", "resolved a");
    }

    @Test
    void aSeriesThatEndedSaysNothingMore() {
        AlertRule rule = above(10, FIVE, MINUTE);
        say("a", 11);
        after(Duration.ofSeconds(10));
        say("a", Double.NaN);
        look(rule);

        assertThat(remembered).isEmpty();
    }

    @Test
    void aRateCountsOnAfterACounterBeganAnew() {
        AlertRule rule =
                rule(Signal.of("m"), new Condition.Rate(Comparison.ABOVE, 0.9, FIVE), Duration.ZERO, Duration.ZERO);
        for (double value : new double[] {0, 60, 120, 5, 65}) {
            say("a", value);
            after(MINUTE);
        }
        after(MINUTE.negated());
        look(rule);

        // 60 + 60 + 5 + 60 in 240 seconds
        assertThat(remembered).isEmpty();
        look(rule(Signal.of("m"), new Condition.Rate(Comparison.ABOVE, 0.7, FIVE), Duration.ZERO, Duration.ZERO));
        assertThat(remembered.values().iterator().next().value()).isCloseTo(185 / 240.0, within(1e-9));
    }

    @Test
    void aForecastSeesADiskThatFillsAndSaysNothingOfTooShortAPast() {
        Duration hour = Duration.ofHours(1);
        AlertRule rule = rule(
                Signal.of("m"),
                new Condition.Forecast(Comparison.BELOW, 0, hour, Duration.ofHours(4)),
                Duration.ZERO,
                Duration.ZERO);
        double free = 1000;
        for (int minute = 0; minute < 20; minute++) {
            say("a", free -= 5);
            say("b", 900);
            after(MINUTE);
        }
        look(rule);
        assertThat(remembered).as("twenty minutes do not say").isEmpty();
        for (int minute = 0; minute < 20; minute++) {
            say("a", free -= 5);
            say("b", 900);
            after(MINUTE);
        }
        look(rule);

        assertThat(news).containsExactly("fired a");
        // 800 left, 5 less each minute, for four hours
        assertThat(remembered.values().iterator().next().value()).isCloseTo(800 - 5 * 241, within(1.0));
    }

    @Test
    void aQuotientTakesValuesOfTheSameMoment() {
        AlertRule rule = rule(
                Signal.of("free").over("size"),
                new Condition.Threshold(Comparison.BELOW, 0.1, FIVE),
                Duration.ZERO,
                Duration.ZERO);
        series.add("a", "free", Map.of("mountpoint", "/"), now, 5);
        series.add("a", "size", Map.of("mountpoint", "/"), now, 100);
        series.add("a", "free", Map.of("mountpoint", "/data"), now, 50);
        series.add("a", "size", Map.of("mountpoint", "/data"), now, 100);
        series.add("a", "free", Map.of("mountpoint", "/empty"), now, 0);
        series.add("a", "size", Map.of("mountpoint", "/empty"), now, 0);
        look(rule);

        assertThat(remembered.keySet()).containsExactly(new AlertKey("rule", "a", Map.of("mountpoint", "/")));
    }

    @Test
    void seriesOfAMachineCanBeCombined() {
        Signal idle = Signal.of("m", "mode=idle").combined(Signal.Combine.AVG);
        AlertRule rule = rule(idle, new Condition.Threshold(Comparison.BELOW, 0.2, FIVE), Duration.ZERO, Duration.ZERO);
        for (String machine : List.of("a", "b")) {
            series.add(machine, "m", Map.of("cpu", "0", "mode", "idle"), now, 0.1);
            series.add(machine, "m", Map.of("cpu", "1", "mode", "idle"), now, machine.equals("a") ? 0.2 : 0.9);
            series.add(machine, "m", Map.of("cpu", "0", "mode", "user"), now, 0);
        }
        look(rule);

        assertThat(remembered.keySet()).containsExactly(new AlertKey("rule", "a", Map.of()));
    }

    @Test
    void whatIsMissingFromAConnectedMachineIsToldAndFromOneThatIsAwayIsNot() {
        AlertRule rule =
                rule(Signal.of("m"), new Condition.Absence(FIVE, Duration.ofHours(1)), Duration.ZERO, Duration.ZERO);
        say("a", 1);
        say("b", 1);
        offline.add("b");
        after(Duration.ofMinutes(6));
        look(rule);
        assertThat(news).containsExactly("fired a");
        say("a", 1);
        look(rule);
        assertThat(news).containsExactly("fired a", "resolved a");
    }

    @Test
    void whatEndedOnPurposeIsNotMissing() {
        AlertRule rule =
                rule(Signal.of("m"), new Condition.Absence(FIVE, Duration.ofHours(1)), Duration.ZERO, Duration.ZERO);
        say("a", 1);
        after(Duration.ofSeconds(1));
        say("a", Double.NaN);
        after(Duration.ofMinutes(6));
        look(rule);

        assertThat(remembered).isEmpty();
    }

    /** Whatever comes: fired and resolved take turns for each machine, and what is remembered fits the last word. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void firedAndResolvedTakeTurns(long seed) {
        RandomGenerator random = new java.util.Random(seed);
        AlertRule rule = above(10, MINUTE, MINUTE);
        for (int step = 0; step < 500; step++) {
            String machine = "m" + random.nextInt(3);
            switch (random.nextInt(7)) {
                case 0, 1 -> say(machine, 11);
                case 2 -> say(machine, 9);
                case 3 -> say(machine, Double.NaN);
                case 4 -> offline.add(machine);
                case 5 -> offline.remove(machine);
                default -> tell();
            }
            after(Duration.ofSeconds(random.nextInt(120)));
            look(rule);
        }
        for (int machine = 0; machine < 3; machine++) {
            String name = "m" + machine;
            List<String> ofOne =
                    news.stream().filter(line -> line.endsWith(name)).toList();
            for (int i = 0; i < ofOne.size(); i++) {
                assertThat(ofOne.get(i)).startsWith(i % 2 == 0 ? "fired" : "resolved");
            }
            boolean firing = remembered.values().stream()
                    .anyMatch(alert -> alert.key().machineId().equals(name) && alert.phase() == Phase.FIRING);
            assertThat(firing).as(name).isEqualTo(ofOne.size() % 2 == 1);
        }
        assertThat(news).hasSizeGreaterThan(10);
    }

    @Test
    void aSeriesThatItsProgramAnswersWithoutIsAnAlertNoLongerThanTheRuleSays() {
        AlertRule rule = above(0, Duration.ZERO, MINUTE);
        say("a", 1);
        look(rule);
        tell();
        after(Duration.ofSeconds(30));
        say("a", Double.NaN);
        series.add("a", "up", Map.of(), now, 1);
        look(rule);
        assertThat(phase()).as("it was true half a minute ago").isEqualTo(Phase.FIRING);
        after(Duration.ofSeconds(30));
        look(rule);

        assertThat(news).containsExactly("fired a", "resolved a");
    }
}
