package dev.vmext.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.host.testing.FakeForeignLocks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine that the tests run on, and package managers below a private root. */
class LinuxHostStateTest {
    @TempDir
    Path root;

    private final FakeForeignLocks locks = new FakeForeignLocks();

    private LinuxHostState state() {
        Instant now = Instant.parse("2026-11-01T12:00:00Z");
        return new LinuxHostState(root, locks, () -> now, new KnownTime(root.resolve("none.pem")), "amd64");
    }

    @Test
    void measuresTheVolumeOfAFolderThatIsNotThereYet() throws Exception {
        HostState.Volume volume = state().volume(root.resolve("not/there/yet"));
        assertThat(root.toRealPath()).startsWith(volume.mountPoint());
        assertThat(volume.freeBytes()).isBetween(1L, Files.getFileStore(root).getTotalSpace());
        assertThat(volume.freeInodes()).isNotZero();
        assertThat(volume.readOnly()).isFalse();
    }

    @Test
    void theProcessFileSystemIsMountedWithoutPrograms() throws Exception {
        // There is one everywhere, and it is the only mount that all machines have with an option to look for.
        assertThat(state().volume(Path.of("/proc/self")).mountPoint()).isEqualTo(Path.of("/proc"));
    }

    @Test
    void readsMemoryAndFacts() throws Exception {
        assertThat(state().availableKiB()).isPositive();
        assertThat(state().facts().os()).isEqualTo("linux");
        assertThat(state().facts().arch()).isEqualTo("amd64");
        assertThat(state().atLeast()).isEqualTo("2026-01-01T00:00:00Z");
    }

    @Test
    void leftOversOfDpkgCountOnlyWhileNobodyWorks() throws Exception {
        assertThat(state().interruptedPackageManager()).as("no dpkg").isEmpty();
        Path updates = Files.createDirectories(root.resolve("var/lib/dpkg/updates"));
        assertThat(state().interruptedPackageManager()).isEmpty();
        Files.createFile(updates.resolve("0001"));
        assertThat(state().interruptedPackageManager()).contains(updates);
        locks.hold(new LockHolder(42, "dpkg", "/var/lib/dpkg/lock"), 42);
        assertThat(state().interruptedPackageManager()).isEmpty();
    }

    @Test
    void anAddressNeedsNoResolver() {
        assertThat(state().unresolvable("127.0.0.1")).isEmpty();
        assertThat(state().unresolvable("no-such-host.invalid")).isPresent();
    }

    @Test
    void readsMountsWithOptionalFieldsBlanksAndLayers() {
        MountTable table = MountTable.parse("""
                36 1 98:0 / / rw,noatime master:1 - ext4 /dev/root rw,errors=remount-ro
                37 36 98:1 / /var/lib rw,nosuid,noexec shared:2 master:1 - ext4 /dev/sdb rw
                38 36 98:2 / /mnt/my\\040disk rw - ext4 /dev/sdc ro
                39 37 98:3 / /var/lib rw - tmpfs none rw
                """);
        assertThat(table.of(Path.of("/etc/x")).options()).contains("noatime");
        assertThat(table.of(Path.of("/mnt/my disk/x")).readOnly()).isTrue();
        assertThat(table.of(Path.of("/var/lib/vmext")).type())
                .as("the upper of two")
                .isEqualTo("tmpfs");
        assertThat(table.of(Path.of("/var/library")).point()).isEqualTo(Path.of("/"));
    }
}
