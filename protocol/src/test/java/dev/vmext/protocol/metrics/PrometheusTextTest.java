package dev.vmext.protocol.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, -0",
        "1, 1",
        "1.5, 1.5",
        "100000, 100000",
        "1e20, 100000000000000000000",
        "1e21, 1e+21",
        "1.25e22, 1.25e+22",
        "0.0001, 0.0001",
        "0.00001, 1e-05",
        "-2.5e-7, -2.5e-07",
        "1e-300, 1e-300",
        "Infinity, +Inf",
        "-Infinity, -Inf",
        "NaN, NaN"
    })
    void numbersLookAsPrometheusPrintsThem(double value, String text) {
        assertThat(PrometheusText.number(value)).isEqualTo(text);
    }

    @Test
    void numbersKeepTheirValue() {
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                assertThat(Double.parseDouble(PrometheusText.number(value))).isEqualTo(value);
                assertThat(Double.parseDouble(PrometheusText.bound(value))).isEqualTo(value);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1.0", "0, 0.0", "-3, -3.0", "0.99, 0.99", "1e21, 1e+21", "Infinity, +Inf", "NaN, NaN"})
    void boundsAlwaysHaveAPoint(double value, String text) {
        assertThat(PrometheusText.bound(value)).isEqualTo(text);
    }

    @Test
    void labelsAreEscaped() {
        assertThat(SeriesKey.of("m", Map.of("b", "plain", "a", "q\"b\\n\nx", "empty", ""))
                        .toString())
                .isEqualTo("m{a=\"q\\\"b\\\\n\\nx\",b=\"plain\"}");
    }

    @Test
    void seriesThatPrometheusWouldRefuseAreRefusedHere() {
        assertThatThrownBy(() -> SeriesKey.of("1m")).hasMessageContaining("'1m' as the name of a metric");
        assertThatThrownBy(() -> SeriesKey.of("")).hasMessageContaining("cannot use ''");
        assertThatThrownBy(() -> SeriesKey.of("m", Map.of("a:b", "x"))).hasMessageContaining("'a:b' as a label of m");
        assertThatThrownBy(() -> SeriesKey.of("m", Map.of("__name__", "x"))).hasMessageContaining("'__name__'");
        assertThatThrownBy(() -> SeriesKey.of("m", Map.of("a", "x".repeat(2049))))
                .hasMessageContaining("limit is 2048");
    }
}
