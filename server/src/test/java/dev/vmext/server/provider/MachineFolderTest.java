package dev.vmext.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.provider.MachineSpec;
import dev.vmext.fleet.provider.SeedFiles;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MachineFolderTest {
    private static final MachineFolder.Hardware MADE = new MachineFolder.Hardware("demo", 2, 1024, 8, "old-image");

    @Test
    void aMachineKeepsItsImageWhenTheDefaultBecameAnother() {
        assertThat(MADE.sameAs(spec(1024, Optional.empty()))).isTrue();
    }

    @Test
    void otherHardwareOrAnotherImageAskedForByNameIsAnotherMachine() {
        assertThat(MADE.sameAs(spec(2048, Optional.empty()))).isFalse();
        assertThat(MADE.sameAs(spec(1024, Optional.of("new-image")))).isFalse();
        assertThat(MADE.sameAs(spec(1024, Optional.of("old-image")))).isTrue();
    }

    private static MachineSpec spec(int memoryMiB, Optional<String> image) {
        return new MachineSpec(
                "0cb71e7d-ad4d-4963-90ad-d95e16013e8c",
                "demo",
                2,
                memoryMiB,
                8,
                image,
                new SeedFiles("#cloud-config\n", "instance-id: x\n"));
    }
}
