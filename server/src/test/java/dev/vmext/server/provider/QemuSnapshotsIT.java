package dev.vmext.server.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.provider.DiskSnapshot;
import dev.vmext.fleet.provider.DiskSnapshots;
import dev.vmext.fleet.provider.DiskSnapshots.Wish;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.ProviderProblem.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract and what only QEMU has, on real QEMUs whose disks are written while they are copied. */
final class QemuSnapshotsIT extends DiskSnapshotsContract {
    private static final int BLOCKS = (IdleMachine.MIB << 20) / IdleMachine.BLOCK;

    @TempDir
    Path temp;

    private final Map<String, IdleMachine> machines = new HashMap<>();
    private final AtomicLong free = new AtomicLong(Long.MAX_VALUE);
    private QemuSettings settings = QemuSettings.defaults(Path.of("/"), "");
    private QemuProvider provider = new QemuProvider(settings);

    @BeforeEach
    void makeProvider() throws IOException {
        QemuSettings defaults =
                QemuSettings.defaults(Files.createDirectory(temp.resolve("home, with a comma")), "/usr/local/bin");
        settings = new QemuSettings(
                defaults.home(),
                defaults.programFolders(),
                temp,
                64,
                Duration.ofMillis(300),
                defaults.emulatedCpu(),
                Optional.of(TinyGuest.image(temp)));
        provider = new QemuProvider(settings, folder -> free.get());
    }

    @AfterEach
    void leaveNothingRunning() {
        provider.machines().forEach(provider::delete);
    }

    @Override
    DiskSnapshots snapshots() {
        return provider;
    }

    @Override
    void machine(String id) throws Exception {
        machines.put(id, new IdleMachine(settings, id));
    }

    private IdleMachine idle() {
        return Objects.requireNonNull(machines.get(ID));
    }

    @Override
    void write(String id, char letter) throws Exception {
        Objects.requireNonNull(machines.get(id)).write(0, letter);
    }

    @Override
    char read(String id) throws Exception {
        IdleMachine any = machines.values().iterator().next();
        return (char) any.read(settings.machines().resolve(id).resolve("overlay.qcow2"))[0];
    }

    @Override
    void damage(String id, String snapshot) throws Exception {
        Path file = folder().disk(snapshot);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
    }

    private SnapshotFolder folder() {
        return new SnapshotFolder(settings.snapshots().resolve(ID));
    }

    /** Without the bytes in the message: there are millions. */
    private void assertSame(Path disk, byte[] content) throws IOException {
        assertThat(Arrays.mismatch(idle().read(disk), content))
                .as("where %s differs from what was written", disk)
                .isEqualTo(-1);
    }

    /** Takes a snapshot; answers what the disk held at its point in time. The disk is written right after it, while it is copied. */
    private byte[] takeWhileWritten(String snapshot, int salt) {
        byte[][] at = new byte[1][];
        snapshots().take(ID, new Wish(snapshot, false, 10), take -> {
            synchronized (idle()) {
                at[0] = idle().content();
                take.run();
                try {
                    for (int i = 0; i < 6; i++) {
                        idle().write((salt * 17 + i * 29) % BLOCKS, (char) ('A' + salt));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        return at[0];
    }

    @Test
    void aChainTakenWhileTheDiskIsWrittenHoldsEveryPointInTime() throws Exception {
        machine(ID);
        for (int block = 0; block < BLOCKS; block += 3) {
            idle().write(block, 'o');
        }
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Integer> writer = CompletableFuture.supplyAsync(() -> {
            Random random = new Random(7);
            int writes = 0;
            while (!stop.get()) {
                try {
                    idle().write(random.nextInt(BLOCKS), (char) ('a' + writes % 26));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                writes++;
            }
            return writes;
        });
        Map<String, byte[]> points = new HashMap<>();
        try {
            for (int i = 0; i < 4; i++) {
                points.put("s" + i, takeWhileWritten("s" + i, i));
            }
        } finally {
            stop.set(true);
        }

        assertThat(writer.join()).isPositive();
        assertThat(provider.snapshots(ID)).extracting(DiskSnapshot::depth).containsExactly(0, 1, 2, 3);
        for (int i = 0; i < 4; i++) {
            assertSame(folder().disk("s" + i), Objects.requireNonNull(points.get("s" + i)));
            assertThat(provider.verify(ID, "s" + i).good()).isTrue();
        }
        // Copying did not change the disk.
        assertSame(idle().folder().path().resolve("overlay.qcow2"), idle().content());
        provider.restore(ID, "s3", Optional.empty());
        assertSame(idle().folder().path().resolve("overlay.qcow2"), Objects.requireNonNull(points.get("s3")));
    }

    @Test
    void theChainGoesOnOverAShutdownAndWhileTheMachineIsOff() throws Exception {
        machine(ID);
        idle().write(1, 'a');
        take("s1");
        idle().write(2, 'b');
        idle().quit();

        DiskSnapshot off = take("s2");
        assertThat(off.parent()).contains("s1");
        assertThat(off.running()).isFalse();
        idle().start();
        idle().write(3, 'c');
        assertThat(take("s3").parent()).contains("s2");

        assertSame(folder().disk("s3"), idle().content());
    }

    @Test
    void anIncrementHoldsOnlyWhatWasWritten() throws Exception {
        machine(ID);
        for (int block = 0; block < BLOCKS; block++) {
            idle().write(block, 'x');
        }
        DiskSnapshot full = take("s1");
        idle().write(5, 'y');
        DiskSnapshot increment = take("s2");

        assertThat(full.bytes()).isGreaterThan((long) IdleMachine.MIB << 20);
        assertThat(increment.bytes()).isLessThan(1 << 20);
    }

    @Test
    void afterAQemuThatWasKilledAFullOneSaysWhy() throws Exception {
        machine(ID);
        take("s1");
        idle().kill();
        idle().start();
        idle().write(0, 'k');

        DiskSnapshot never = take("s2");
        assertThat(never.whyFull()).contains("no record of what was written since snapshot s1");
        idle().quit(); // The record of s2 is in the file now,
        idle().start(); // and in use from here on.
        idle().kill();
        idle().start();
        assertThat(take("s3").whyFull()).contains("is broken").contains("s2");
        idle().write(0, 'l');
        assertThat(take("s4").parent()).contains("s3");
        assertSame(folder().disk("s4"), idle().content());
    }

    @Test
    void aQemuThatIsKilledWhileItCopiesLeavesNoHalfSnapshot() throws Exception {
        machine(ID);
        take("s1");

        assertThatThrownBy(() -> provider.take(ID, new Wish("s2", false, 10), take -> {
                    take.run();
                    idle().kill();
                }))
                .isInstanceOf(ProviderProblem.class);

        assertThat(provider.snapshots(ID)).extracting(DiskSnapshot::id).containsExactly("s1");
        assertThat(folder().drafts()).isEmpty();
        idle().start();
        assertThat(take("s2").parent()).isEmpty();
    }

    @Test
    void aFolderThatIsFullIsSeenBeforeAndWhileItIsCopied() throws Exception {
        machine(ID);
        idle().write(0, 'a');
        take("s1");
        idle().write(1, 'b');
        free.set(QemuSnapshots.RESERVE);
        MachineProviderContract.assertProblem(Kind.NOT_ENOUGH_DISK, () -> take("s2"));
        free.set(Long.MAX_VALUE);
        // The room was looked at before; the copy takes far longer than it is until the next look.
        MachineProviderContract.assertProblem(
                Kind.NOT_ENOUGH_DISK,
                () -> provider.take(ID, new Wish("s2", true, 10), take -> {
                    limit(4096);
                    free.set(0);
                    take.run();
                }));
        limit(0);
        free.set(Long.MAX_VALUE);

        assertThat(provider.snapshots(ID)).hasSize(1);
        assertThat(folder().drafts()).isEmpty();
        idle().write(2, 'c');
        DiskSnapshot next = take("s3");
        assertThat(next.whyFull())
                .as("the full one that was asked for took the record")
                .contains("no record");
        assertSame(folder().disk("s3"), idle().content());
    }

    /** So many bytes a second are read and written from here on; 0: as fast as it goes. */
    private void limit(long bytes) {
        try (QmpClient qmp = QmpClient.connect(idle().folder().socket())) {
            qmp.execute(
                    "block_set_io_throttle",
                    Map.of(
                            "device", "disk", "bps", bytes, "bps_rd", 0, "bps_wr", 0, "iops", 0, "iops_rd", 0,
                            "iops_wr", 0),
                    Duration.ofSeconds(10));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatAKilledServerLeftIsClearedAndTheChainGoesOn() throws Exception {
        machine(ID);
        idle().write(0, 'a');
        take("s1");
        idle().write(1, 'b');
        QmpDisk disk = new QmpDisk(idle().folder().socket());
        Path draft = folder().draft("s2");
        new HostPrograms(settings.programFolders())
                .check(
                        List.of(
                                "qemu-img",
                                "create",
                                "-q",
                                "-f",
                                "qcow2",
                                "-b",
                                "../s1/disk.qcow2",
                                "-F",
                                "qcow2",
                                "disk.qcow2"),
                        Optional.of(draft));
        disk.openTarget(draft.resolve("disk.qcow2"));
        disk.begin("s2", Optional.of("s1"));
        idle().write(2, 'c');

        QemuProvider next = new QemuProvider(settings);
        assertThat(next.snapshots(ID)).extracting(DiskSnapshot::id).containsExactly("s1");
        next.settle(ID);
        assertThat(folder().drafts()).isEmpty();
        DiskSnapshot third = next.take(ID, new Wish("s3", false, 10), NOW);

        assertThat(third.parent()).contains("s1");
        assertSame(folder().disk("s3"), idle().content());
        assertThat(disk.state().bitmaps()).extracting(QmpDisk.Bitmap::snapshot).containsExactly("s3");
    }

    @Test
    void whatAKilledServerLeftOfASnapshotOfAMachineThatIsOffIsCleared() throws Exception {
        machine(ID);
        take("s1");
        idle().quit();
        Path draft = folder().draft("s2");
        IdleQemu left = IdleQemu.start(
                new HostPrograms(settings.programFolders()),
                ID,
                draft,
                idle().folder().path().resolve("overlay.qcow2"));
        assertThat(left.socket()).exists();

        new QemuProvider(settings).settle(ID);

        assertThat(draft).doesNotExist();
        idle().start(); // Nobody holds the disk any more.
        assertThat(take("s3").parent()).contains("s1");
    }

    @Test
    void aFileThatWasCutMakesTheNextOneFull() throws Exception {
        machine(ID);
        take("s1");
        Path file = folder().disk("s1");
        Files.write(file, new byte[10], StandardOpenOption.APPEND);

        assertThat(take("s2").whyFull()).isEqualTo("the file of snapshot s1 is not as it was written");
    }
}
