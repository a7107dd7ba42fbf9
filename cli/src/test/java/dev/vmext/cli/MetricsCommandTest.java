package dev.vmext.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.api.MetricRangeSeries;
import dev.vmext.protocol.api.MetricSeries;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MetricsCommandTest {
    private static final Map<String, String> SHOP = Map.of("source", "shop");

    private static MetricRangeSeries line(String kind) {
        return new MetricRangeSeries("orders", SHOP, kind, Arrays.asList(40.0, null, 40.2));
    }

    private static List<MetricSeries> newest(String kind, @Nullable Double value) {
        return List.of(
                new MetricSeries("orders", Map.of("source", "other"), kind, Instant.EPOCH, 7.0, false),
                new MetricSeries("orders", SHOP, kind, Instant.EPOCH, value, value == null));
    }

    @Test
    void aGaugeHasItsNewestValueNowAndNotTheAverageOfTheLastStep() {
        assertThat(MetricsCommand.now(line("gauge"), newest("gauge", 41.0), "auto"))
                .isEqualTo(41.0);
    }

    @Test
    void aGaugeThatEndedHasNothingNow() {
        assertThat(MetricsCommand.now(line("gauge"), newest("gauge", null), "auto"))
                .isNull();
    }

    @Test
    void growthAndNumbersOfSamplesAreReadFromTheLine() {
        assertThat(MetricsCommand.now(line("counter"), newest("counter", 1e6), "auto"))
                .isEqualTo(40.2);
        assertThat(MetricsCommand.now(line("gauge"), newest("gauge", 41.0), "count"))
                .isEqualTo(40.2);
    }
}
