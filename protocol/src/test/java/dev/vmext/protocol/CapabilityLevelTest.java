package dev.vmext.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CapabilityLevelTest {
    @Test
    void theServersAnnouncementIsFoundAmongItsCapabilities() {
        assertThat(CapabilityLevel.find(List.of("other/v7", CapabilityLevel.announcement())))
                .hasValue(CapabilityLevel.CURRENT);
    }

    @Test
    void aForeignServerHasNoLevel() {
        assertThat(CapabilityLevel.find(List.of())).isEmpty();
        assertThat(CapabilityLevel.find(List.of("vmext.level/vX", "other/v1"))).isEmpty();
    }

    @Test
    void bothSidesUseTheLowerLevel() {
        assertThat(CapabilityLevel.agreed(CapabilityLevel.CURRENT + 5)).isEqualTo(CapabilityLevel.CURRENT);
        assertThat(CapabilityLevel.agreed(0)).isZero();
    }
}
