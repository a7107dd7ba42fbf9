package dev.vmext.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class QemuCommandLineTest {
    private static final String ID = "3f0e4c1a-9d5b-4f57-8a3e-0123456789ab";
    private static final MachineImage IMAGE = new MachineImage(
            "i", Optional.of(Path.of("/i.raw")), Path.of("/i.vmlinuz"), Path.of("/i.initrd"), "root=/dev/vda");

    private static List<String> arguments(boolean kvm) {
        return new QemuCommandLine(Path.of("/usr/bin/qemu-system-x86_64"), kvm, "Nehalem")
                .arguments(
                        new MachineFolder(ID, Path.of("/home/me/machines/" + ID)),
                        new MachineFolder.Hardware("web1", 2, 768, 8, "i"),
                        IMAGE);
    }

    @Test
    void usesTheHostsProcessorWithKvmAndASimpleOneWithout() {
        assertThat(arguments(true)).containsSequence("-accel", "kvm", "-cpu", "host");
        assertThat(arguments(false)).containsSequence("-accel", "tcg,thread=multi", "-cpu", "Nehalem");
    }

    @Test
    void keepsTheKernelsProtectionsOnARealProcessor() {
        assertThat(arguments(true)).containsSequence("-append", "root=/dev/vda");
        assertThat(arguments(false)).containsSequence("-append", "root=/dev/vda mitigations=off");
    }

    @Test
    void theMachinesOwnFilesAreNamedRelativeToItsFolder() {
        assertThat(arguments(false)).noneMatch(a -> a.contains("/home/me"));
    }

    @Test
    void theCardsAddressFollowsFromTheId() {
        assertThat(QemuCommandLine.mac(ID)).isEqualTo("52:54:00:3f:0e:4c");
    }
}
