package dev.vmext.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.alert.Point;
import dev.vmext.fleet.alert.SeriesWindow;
import dev.vmext.protocol.metrics.LabelMatcher;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.server.metrics.testing.InMemoryMetricStore;
import dev.vmext.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AlertSourceTest {
    private static final List<LabelMatcher> ROOT = List.of(LabelMatcher.parse("mountpoint=/"));

    private final ManualClock clock = ManualClock.atNewYear();
    private final MetricStore store = new InMemoryMetricStore(MetricRetention.DEFAULTS, clock);
    private final AlertSource source = new AlertSource(store, project -> Set.of("m1", "m2"));

    @BeforeEach
    void fill() {
        for (String machine : List.of("m1", "m2", "foreign")) {
            for (String mount : List.of("/", "/boot")) {
                for (int i = 0; i < 3; i++) {
                    store.append(
                                    machine,
                                    List.of(new Sample(
                                            SeriesKey.of("free", Map.of("mountpoint", mount)),
                                            MetricKind.GAUGE,
                                            clock.millis() + i * 1000L,
                                            i)))
                            .join();
                }
            }
        }
    }

    @Test
    void givesSamplesOfTheProjectWithBothEndsOfTheTime() {
        assertThat(source.window(
                        "default",
                        "free",
                        ROOT,
                        clock.instant(),
                        clock.instant().plusSeconds(1)))
                .containsExactly(
                        new SeriesWindow(
                                "m1",
                                Map.of("mountpoint", "/"),
                                List.of(new Point(clock.millis(), 0), new Point(clock.millis() + 1000, 1))),
                        new SeriesWindow(
                                "m2",
                                Map.of("mountpoint", "/"),
                                List.of(new Point(clock.millis(), 0), new Point(clock.millis() + 1000, 1))));
    }

    @Test
    void givesTheNewestUnlessItIsTooOld() {
        assertThat(source.newest("default", "free", ROOT, clock.instant(), Duration.ofMinutes(1)))
                .extracting(SeriesWindow::points)
                .containsOnly(List.of(new Point(clock.millis() + 2000, 2)));
        assertThat(source.newest("default", "free", ROOT, clock.instant().plusSeconds(3600), Duration.ofMinutes(1)))
                .isEmpty();
    }
}
