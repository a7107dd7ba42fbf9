package dev.vmext.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SparklineTest {
    @Test
    void usesTheWholeHeight() {
        assertThat(Sparkline.of(Arrays.asList(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), 20))
                .isEqualTo("▁▂▃▄▅▆▇█");
    }

    @Test
    void leavesAGapWhereThereIsNoValue() {
        assertThat(Sparkline.of(Arrays.asList(0.0, null, 7.0), 20)).isEqualTo("▁ █");
    }

    @Test
    void showsTheNewestWhenThereAreMoreThanFit() {
        assertThat(Sparkline.of(Arrays.asList(9.0, 0.0, 7.0), 2)).isEqualTo("▁█");
    }

    @Test
    void whatHardlyMovesLiesStill() {
        assertThat(Sparkline.of(Arrays.asList(1000.0, 1000.001, 1000.0), 20)).isEqualTo("▁▁▁");
        assertThat(Sparkline.of(Arrays.asList(0.0, 0.0), 20)).isEqualTo("▁▁");
    }

    @Test
    void namesTellUnits() {
        assertThat(Quantity.of("node_memory_MemAvailable_bytes", 1_610_612_736, false))
                .isEqualTo("1.5 GiB");
        assertThat(Quantity.of("net_bytes_total", 2048, true)).isEqualTo("2 KiB/s");
        assertThat(Quantity.of("vmext_probe_duration_seconds", 0.0123, false)).isEqualTo("12.3 ms");
        assertThat(Quantity.of("disk_used_ratio", 0.256, false)).isEqualTo("25.6 %");
        assertThat(Quantity.of("node_load1", 0.25, false)).isEqualTo("0.25");
        assertThat(Quantity.of("requests_total", 12_345, true)).isEqualTo("12.3k/s");
        assertThat(Quantity.of("node_load1", -0.00001, false)).isEqualTo("0");
    }
}
