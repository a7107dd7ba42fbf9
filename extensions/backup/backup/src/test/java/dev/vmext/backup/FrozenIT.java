package dev.vmext.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vmext.testkit.ResticRepository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Backups from snapshots of a real btrfs, made in a file and mounted below the folder of the test. Needs root, the package btrfs-progs,
 * and a kernel with btrfs and loop devices; is left out elsewhere.
 */
final class FrozenIT {
    @TempDir
    private Path folder;

    private final List<Path> mounted = new ArrayList<>();
    private Path disk;
    private Workshop shop;
    private AppendOnlyServer server;

    @BeforeEach
    void aMachineWithADiskOfBtrfs() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can mount");
        assumeTrue(
                Files.readString(Path.of("/proc/filesystems")).contains("\tbtrfs\n"), "the host's kernel has no btrfs");
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "the host has no loop devices");
        disk = Files.createDirectory(folder.resolve("disk")).toRealPath();
        Path image = folder.resolve("image");
        host("truncate", "-s", "400M", image.toString());
        host("mkfs.btrfs", "-q", image.toString());
        mount(disk, "-o", "loop", image.toString());
        // Everything of the installation lies on it too, as on a machine whose /var is one.
        shop = new Workshop(Files.createDirectory(disk.resolve("machine")));
        Path repository = folder.resolve("repository");
        ResticRepository.writeTo(repository);
        server = new AppendOnlyServer(repository);
        shop.repositoryAt(server.url());
        shop.value("snapshot.mode", "required");
    }

    @AfterEach
    void nothingStays() throws Exception {
        if (server != null) {
            server.release();
            server.close();
        }
        for (Path one : mounted.reversed()) {
            // A program that sleeps on after the end of its run may have a file there for a second or two.
            Workshop.await("it is unmounted, " + one, () -> unmounts(one));
        }
    }

    private static String host(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private static boolean unmounts(Path place) {
        try {
            return new ProcessBuilder("umount", place.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void mount(Path place, String... what) throws Exception {
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(what));
        command.add(place.toString());
        host(command.toArray(String[]::new));
        mounted.add(place);
    }

    /** What a restore of the newest snapshot gives, at its usual path below another folder. */
    private Path restored() throws Exception {
        Path target = folder.resolve("restored");
        Workshop.Said said = shop.host(
                "restic", "-r", folder.resolve("repository").toString(), "restore", "latest", "--target", "" + target);
        assertThat(said.exit()).as(said.out()).isZero();
        return Path.of(target + shop.source.toString());
    }

    private void backsUp() throws Exception {
        Workshop.Said said = shop.run("backup", "now");
        assertThat(said.exit()).as(said.toString()).isZero();
    }

    private void noSnapshotIsThere() throws Exception {
        assertThat(host("btrfs", "subvolume", "list", "-r", disk.toString())).isEmpty();
        assertThat(shop.state.resolve("snapshots")).doesNotExist();
        assertThat(host("findmnt", "-n", "-r", "-o", "TARGET"))
                .as("nothing is mounted outside the run's own name space")
                .doesNotContain(shop.state.toString());
    }

    private void muchData(int files) throws IOException {
        for (int i = 0; i < files; i++) {
            byte[] data = new byte[2_000_000];
            new Random(i).nextBytes(data);
            Files.write(shop.source.resolve("m" + i), data);
        }
    }

    /** Two files that say the same but for the moment between two writes; restic reads one first, the other last. */
    private final class Writer implements Runnable {
        final AtomicInteger written = new AtomicInteger();
        volatile boolean ends;

        @Override
        public void run() {
            while (!ends) {
                write();
            }
        }

        void write() {
            try {
                String next = Integer.toString(written.get() + 1);
                replace("a", next);
                replace("z", next);
                written.incrementAndGet();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void replace(String name, String text) throws IOException {
        Path whole = Files.writeString(disk.resolve("whole"), text);
        Files.move(whole, shop.source.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void readsOneMomentWhileAProgramWritesAndLeavesNothing() throws Exception {
        // More than restic reads ahead of what it could send, so that it reads z long after a.
        muchData(40);
        Writer writer = new Writer();
        writer.write();
        Thread thread = Thread.ofPlatform().start(writer);
        int apart;
        try {
            server.hold();
            Process run = shop.begin("backup", "now");
            Workshop.await("restic reads, and waits with what it has", () -> server.waiting() > 0);
            int seen = writer.written.get();
            Workshop.await("much was written meanwhile", () -> writer.written.get() > seen + 100);
            server.release();
            Workshop.Said said = shop.end(run);
            assertThat(said.exit()).as(said.toString()).isZero();
            apart = writer.written.get() - seen;
        } finally {
            writer.ends = true;
            thread.join();
        }
        assertThat(apart).isGreaterThan(100);
        Path back = restored();
        int first = Integer.parseInt(Files.readString(back.resolve("a")));
        int last = Integer.parseInt(Files.readString(back.resolve("z")));
        assertThat(first - last).as(first + " " + last).isBetween(0, 1);
        assertThat(shop.read("last")).contains("outcome good", "new 42").doesNotContain("live");
        assertThat(shop.state.resolve("cache"))
                .as("restic keeps its cache, though it lies on what is frozen")
                .isNotEmptyDirectory();
        noSnapshotIsThere();

        // The next one finds what has not changed.
        backsUp();
        assertThat(shop.read("last")).contains("new 0", "changed 2", "unmodified 40");
        noSnapshotIsThere();
    }

    @Test
    void whatIsMountedOrIsASubvolumeBelowASourceIsInItToo() throws Exception {
        Files.writeString(shop.source.resolve("above"), "1");
        Path nested = shop.source.resolve("nested");
        host("btrfs", "subvolume", "create", nested.toString());
        Path deep = nested.resolve("deep one");
        host("btrfs", "subvolume", "create", deep.toString());
        Files.writeString(nested.resolve("within"), "2");
        Files.writeString(deep.resolve("within"), "3");
        Path other = Files.createDirectory(shop.source.resolve("mounted here"));
        mount(other, "-t", "tmpfs", "none");
        Files.writeString(other.resolve("file"), "4");
        backsUp();
        Path back = restored();
        assertThat(back.resolve("above")).hasContent("1");
        assertThat(back.resolve("nested/within")).hasContent("2");
        assertThat(back.resolve("nested/deep one/within")).hasContent("3");
        assertThat(back.resolve("mounted here/file")).hasContent("4");
        try (Stream<Path> files = Files.walk(back)) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(4);
        }
        noSnapshotIsThere();
    }

    @Test
    void killedItLeavesASnapshotThatGoesWithItsEndOrWithTheNextRun() throws Exception {
        muchData(8);
        server.hold();
        Process cut = shop.begin("backup", "now");
        Workshop.await("it sends", () -> server.waiting() > 0);
        assertThat(host("btrfs", "subvolume", "list", "-r", disk.toString())).contains(".vmext-backup-nightly");
        shop.kill(cut);
        server.release();
        assertThat(host("btrfs", "subvolume", "list", "-r", disk.toString())).contains(".vmext-backup-nightly");
        assertThat(shop.run("backup-ended", "now").exit()).isZero();
        assertThat(shop.read("last")).contains("outcome failed", "its unit ended with");
        noSnapshotIsThere();

        server.hold();
        int before = server.waiting();
        cut = shop.begin("backup", "now");
        Workshop.await("it sends again", () -> server.waiting() > before);
        shop.kill(cut);
        server.release();
        // Power was lost: nobody told its end.
        backsUp();
        assertThat(shop.read("last")).contains("outcome good");
        noSnapshotIsThere();
    }

    @Test
    void stoppedOrWithAHookThatFailsItLeavesNothing() throws Exception {
        muchData(8);
        server.hold();
        Process stopped = shop.begin("backup", "now");
        Workshop.await("it sends", () -> server.waiting() > 0);
        stopped.destroy();
        assertThat(shop.end(stopped).exit()).isEqualTo(143);
        assertThat(shop.read("last")).contains("outcome stopped");
        try (Stream<Path> locks = Files.list(folder.resolve("repository/locks"))) {
            assertThat(locks).as("restic gave its lock back").isEmpty();
        }
        noSnapshotIsThere();
        server.release();

        Files.writeString(shop.conf.resolve("hooks/post"), "echo it stays frozen; exit 3\n");
        backsUp();
        assertThat(shop.read("last")).contains("outcome incomplete", "it stays frozen");
        noSnapshotIsThere();
    }

    @Test
    void whereThereCanBeNoneRequiredRefusesAndAutoSaysSo() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("b"), "beside");
        Files.writeString(shop.source.resolve("a"), "within");
        Files.writeString(shop.conf.resolve("sources"), shop.source + "\n" + elsewhere + "\n");
        assertThat(shop.run("backup", "now").exit()).isEqualTo(1);
        assertThat(shop.read("last")).contains("outcome failed", "no snapshot of /");
        assertThat(shop.told()).contains("backup-failed", "no snapshot of /");
        noSnapshotIsThere();

        shop.value("snapshot.mode", "auto");
        backsUp();
        assertThat(shop.read("last")).contains("outcome good", "live /", "new 2");
        assertThat(shop.status()).contains("read while it changed, without a snapshot: /");
        noSnapshotIsThere();
    }
}
