package dev.vmext.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.provider.MachineSpec;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.SeedFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real image with a real seed, booted once. Runs when {@code vmext.test.images} names a folder with the image of this
 * recipe in it (ImageBuilder makes one), because building it takes minutes and the network.
 */
@EnabledIfSystemProperty(named = "vmext.test.images", matches = ".+")
final class DebianGuestIT {
    private static final String ID = "5b0e4c1a-9d5b-4f57-8a3e-0123456789ab";
    private static final Duration GUEST = Duration.ofMinutes(5);

    private static final String USER_DATA = """
            #cloud-config
            write_files:
              - path: /etc/vmext/marker
                permissions: '0600'
                content: from the seed
            runcmd:
              - [sh, -c, 'echo "seen: $(cat /etc/vmext/marker) as $(hostname) via $(ip -4 -o route get 10.0.2.2 | cut -d" " -f1)" > /dev/ttyS0']
              - [sh, -c, 'dpkg --get-selections | grep -c "linux-image.*hold" | sed "s/^/held kernels: /" > /dev/ttyS0']
            """;

    @TempDir
    Path temp;

    @Test
    void aSeedIsObeyedAndTheMachineCanBeSwitchedAndReset() throws Exception {
        Files.createSymbolicLink(temp.resolve("images"), Path.of(System.getProperty("vmext.test.images")));
        QemuProvider provider = new QemuProvider(QemuSettings.defaults(temp, "/usr/local/bin"));
        assertThat(provider.facts().defaultImageReady()).isTrue();
        MachineFolder folder = new MachineFolder(ID, temp.resolve("machines").resolve(ID));
        try {
            provider.create(
                    new MachineSpec(
                            ID,
                            "debian",
                            2,
                            768,
                            4,
                            Optional.empty(),
                            new SeedFiles(USER_DATA, "instance-id: i-1\nlocal-hostname: debian\n")),
                    Progress.none());
            ConsoleWatch.await(folder, provider, "seen: from the seed as debian via 10.0.2.2", GUEST);
            ConsoleWatch.await(folder, provider, "held kernels: 2", GUEST);

            provider.snapshotSave(ID, "clean");
            provider.snapshotLoad(ID, "clean");
            assertThat(provider.power(ID)).isEqualTo(PowerState.RUNNING);

            provider.stop(ID);
            assertThat(provider.power(ID)).isEqualTo(PowerState.STOPPED);
            assertThat(provider.console(ID, 1 << 20))
                    .contains("Power key pressed")
                    .contains("Power down");
        } finally {
            provider.delete(ID);
        }
    }
}
