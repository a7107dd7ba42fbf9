package dev.vmext.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.testkit.ResticRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs with the real restic: a repository in a folder and one behind a server that only appends. */
final class BackupProgramsIT {
    @TempDir
    private Path folder;

    private Workshop shop;

    @BeforeEach
    void aMachineWithSomethingToKeep() throws Exception {
        shop = new Workshop(folder);
        shop.repositoryIsThere();
        Files.writeString(shop.source.resolve("letter"), "dear");
        noise("photo", 3_000_000, 1);
    }

    /** Data that nothing can compress. */
    private void noise(String name, int bytes, long seed) throws IOException {
        byte[] data = new byte[bytes];
        new Random(seed).nextBytes(data);
        Files.write(shop.source.resolve(name), data);
    }

    private void backsUp() throws Exception {
        Workshop.Said said = shop.run("backup", "now");
        assertThat(said.exit()).as(said.toString()).isZero();
    }

    private int snapshots() throws Exception {
        return shop.restic("snapshots", "--json").out().split("\"short_id\"", -1).length - 1;
    }

    @Test
    void makesARepositoryWhereThereIsNoneAndLeavesOneThatIsThere() throws Exception {
        Path other = folder.resolve("other");
        shop.repositoryAt(other.toString());
        assertThat(shop.run("prepare").exit()).isZero();
        byte[] made = Files.readAllBytes(other.resolve("config"));
        assertThat(shop.run("prepare").exit()).isZero();
        assertThat(other.resolve("config")).hasBinaryContent(made);
    }

    @Test
    void sendsOnlyWhatIsNewAndTellsWhatItDid() throws Exception {
        assertThat(shop.run("prepare").exit()).isZero();
        backsUp();
        assertThat(shop.read("last")).contains("outcome good", "new 2", "read 3000004");
        assertThat(shop.status()).contains("\"success\"", "x1: good at ", "2 new, 0 changed and 0 unmodified files");

        Files.writeString(shop.source.resolve("letter"), "dear all");
        backsUp();
        assertThat(shop.read("last")).contains("new 0", "changed 1", "unmodified 1");
        assertThat(Long.parseLong(shop.read("last").replaceFirst("(?s).*added ([0-9]+).*", "$1")))
                .isLessThan(100_000);
        assertThat(shop.read("totals")).contains("good 2");
        assertThat(shop.restic("check", "--read-data").out()).contains("no errors were found");
        assertThat(shop.told()).isEmpty();

        Process metrics = shop.begin("metrics");
        metrics.getOutputStream()
                .write("GET /metrics HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        metrics.getOutputStream().flush();
        assertThat(shop.end(metrics).out())
                .contains("vmext_backup_last_run_success 1", "vmext_backup_runs_total{outcome=\"good\"} 2")
                .contains("vmext_backup_files_changed 1");
    }

    @Test
    void killedInTheMiddleTheRepositoryIsSoundAndTheNextRunGoesOn() throws Exception {
        try (AppendOnlyServer server = new AppendOnlyServer(shop.repository)) {
            shop.repositoryAt(server.url());
            backsUp();
            for (int i = 0; i < 12; i++) {
                noise("more" + i, 4_000_000, i + 2);
            }
            int before = server.stored();
            server.holdAfterNext();
            Process cut = shop.begin("backup", "now");
            Workshop.await(
                    "a part of it is stored, the rest waits", () -> server.stored() > before && server.waiting() > 0);
            shop.kill(cut);
            server.release();
            assertThat(shop.run("backup-ended", "now").exit()).isZero();
            assertThat(shop.read("last")).contains("outcome failed", "its unit ended with");
            assertThat(shop.told()).contains("backup-failed", "\"state\":\"open\"");
            assertThat(snapshots()).isEqualTo(1);

            backsUp();
            assertThat(shop.told()).contains("\"state\":\"resolved\"");
            assertThat(snapshots()).isEqualTo(2);
            assertThat(shop.restic("check", "--read-data").out()).contains("no errors were found");
            try (var locks = Files.list(shop.repository.resolve("locks"))) {
                assertThat(locks).as("the lock of the killed run is given back").isEmpty();
            }
            assertThat(server.refused()).isEmpty();
        }
    }

    @Test
    void stoppedItGivesItsLockBackAndThawsWhatTheHookFroze() throws Exception {
        Path frozen = folder.resolve("frozen");
        Files.writeString(shop.conf.resolve("hooks/pre"), "touch '" + frozen + "'\n");
        Files.writeString(
                shop.conf.resolve("hooks/post"),
                "rm '" + frozen + "' && echo \"$VMEXT_BACKUP_OUTCOME\" >> '" + folder.resolve("outcomes") + "'\n");
        try (AppendOnlyServer server = new AppendOnlyServer(shop.repository)) {
            shop.repositoryAt(server.url());
            server.hold();
            Process stopped = shop.begin("backup", "now");
            Workshop.await("it sends", () -> server.waiting() > 0);
            assertThat(frozen).exists();
            // To the program alone, as KillMode=mixed does: setsid became it.
            stopped.destroy();
            Workshop.Said said = shop.end(stopped);
            assertThat(said.exit()).as(said.toString()).isEqualTo(143);
            assertThat(frozen).doesNotExist();
            assertThat(shop.read("last")).contains("outcome stopped");
            assertThat(shop.status()).contains("stopped at ");
            try (var locks = Files.list(shop.repository.resolve("locks"))) {
                assertThat(locks).isEmpty();
            }
            server.release();
            backsUp();
            assertThat(folder.resolve("outcomes")).hasContent("stopped\ngood\n");
        }
    }

    @Test
    void aWrongPasswordIsSaidAndNothingIsMadeAnew() throws Exception {
        Files.writeString(shop.conf.resolve("repository.password"), "wrong\n");
        Workshop.Said said = shop.run("prepare");
        assertThat(said.exit()).isEqualTo(1);
        assertThat(said.out()).contains("does not open with this password");
        assertThat(shop.run("backup", "now").exit()).isEqualTo(1);
        assertThat(shop.read("last")).contains("outcome failed", "does not open with this password");
        assertThat(shop.told()).contains("backup-failed", "does not open with this password");
        assertThat(shop.status()).contains("\"now\",\"status\":\"error\"");
    }

    @Test
    void aRepositoryThatIsAwayIsNeitherMadeAnewNorAFaultOfTheSettings() throws Exception {
        shop.repositoryAt("rest:http://127.0.0.1:9/");
        Workshop.Said said = shop.run("prepare");
        assertThat(said.exit()).isEqualTo(3);
        assertThat(said.out()).contains("connection refused");
        assertThat(shop.run("report").out()).contains("@part repository warning", "connection refused");
    }

    @Test
    void aLockedRepositoryIsWaitedForAndSaidWhenItStaysLocked() throws Exception {
        try (AppendOnlyServer server = new AppendOnlyServer(shop.repository)) {
            shop.repositoryAt(server.url());
            backsUp();
            server.hold();
            ProcessBuilder builder = new ProcessBuilder(
                            "restic", "-r", server.url(), "--no-cache", "check", "--read-data")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("check").toFile());
            builder.environment().put("RESTIC_PASSWORD", "correct horse");
            Process check = builder.start();
            Workshop.await("the other program reads under its lock", () -> server.waiting() > 0);
            Workshop.Said said = shop.run("backup", "now");
            assertThat(said.exit()).isEqualTo(1);
            assertThat(shop.read("last")).contains("the repository is locked by another program", "exclusively");

            shop.value("lockWaitSec", 600);
            Process waits = shop.begin("backup", "now");
            Workshop.await("it says that it waits", () -> {
                try {
                    return shop.status().contains("waiting for the lock of the repository");
                } catch (IOException e) {
                    return false;
                }
            });
            server.release();
            assertThat(check.waitFor()).isZero();
            said = shop.end(waits);
            assertThat(said.exit()).as(said.toString()).isZero();
            assertThat(shop.read("last")).contains("outcome good");
        }
    }

    @Test
    void aFullQuotaAndAFullDiskAreSaidAtOnce() throws Exception {
        try (AppendOnlyServer server = new AppendOnlyServer(shop.repository)) {
            shop.repositoryAt(server.url());
            server.answerDataWith(507);
            assertThat(shop.run("backup", "now").exit()).isEqualTo(1);
            assertThat(shop.read("last")).contains("outcome failed", "the repository is full");
            server.answerDataWith(0);
            backsUp();
        }
        Path empty = folder.resolve("empty");
        ResticRepository.writeTo(empty);
        Path small = Files.createDirectories(folder.resolve("small"));
        shop.repositoryAt(small + "/repository");
        String bin = shop.state.resolve("bin").toString();
        Workshop.Said said = shop.host(
                "unshare",
                "--mount",
                "/bin/sh",
                "-c",
                "mount -t tmpfs -o size=2m none '%s' && cp -r '%s' '%s/repository' && { /bin/sh %s/backup now; ls '%s/repository'; }"
                        .formatted(small, empty, small, bin, small));
        assertThat(said.out()).contains("snapshots");
        assertThat(shop.read("last")).contains("outcome failed", "a disk is full");
        assertThat(shop.told()).contains("a disk is full");
    }

    @Test
    void aHookOrADumpThatFailsStopsTheBackupWithItsCause() throws Exception {
        Files.writeString(shop.conf.resolve("hooks/pre"), "echo the application says no; exit 7\n");
        Files.writeString(
                shop.conf.resolve("hooks/post"),
                "echo \"$VMEXT_BACKUP_OUTCOME\" > '" + folder.resolve("outcome") + "'\n");
        assertThat(shop.run("backup", "now").exit()).isEqualTo(1);
        assertThat(shop.read("last"))
                .contains("the hook before the backup failed, so nothing was backed up: the application says no");
        assertThat(folder.resolve("outcome")).hasContent("failed\n");
        assertThat(snapshots()).isZero();

        Files.delete(shop.conf.resolve("hooks/pre"));
        Files.writeString(
                shop.conf.resolve("dumps/postgresql"),
                "type postgresql\nuser " + System.getProperty("user.name") + "\nsocket " + folder + "\nport 1\n");
        assertThat(shop.run("backup", "now").exit()).isEqualTo(1);
        assertThat(shop.read("last"))
                .contains("the dump postgresql failed, so nothing was backed up", "pg_dumpall failed");
        assertThat(shop.state.resolve("dumps")).doesNotExist();
        assertThat(snapshots()).isZero();
    }

    @Test
    void whatAHookLeavesRunningDoesNotHoldTheNextBackup() throws Exception {
        Path pid = folder.resolve("pid");
        Files.writeString(shop.conf.resolve("hooks/pre"), "sleep 900 & echo $! >> '" + pid + "'\n");
        try {
            assertThat(shop.run("backup", "scheduled").exit()).isZero();
            assertThat(shop.run("backup", "scheduled")).isEqualTo(new Workshop.Said(0, ""));
            assertThat(shop.read("totals")).contains("good 2");
        } finally {
            for (String line : Files.readAllLines(pid)) {
                ProcessHandle.of(Long.parseLong(line)).ifPresent(ProcessHandle::destroy);
            }
        }
    }

    @Test
    void whatIsNotThereMakesItIncompleteAndIsNamed() throws Exception {
        Files.writeString(shop.conf.resolve("sources"), shop.source + "\n" + folder.resolve("gone") + "\n");
        Files.writeString(shop.conf.resolve("exclude"), "photo\n");
        backsUp();
        assertThat(shop.read("last")).contains("outcome incomplete", "not there: ", "/gone", "new 1");
        assertThat(shop.told()).contains("backup-incomplete", "/gone");
        Files.writeString(shop.conf.resolve("sources"), shop.source + "\n");
        backsUp();
        assertThat(shop.told()).contains("\"state\":\"resolved\"");
        Files.writeString(shop.conf.resolve("sources"), folder.resolve("gone") + "\n");
        assertThat(shop.run("backup", "now").exit()).isEqualTo(1);
        assertThat(shop.read("last")).contains("none of its sources exists");
    }

    @Test
    void overdueIsWhatIsOlderThanAllowed() throws Exception {
        long now = System.currentTimeMillis() / 1000;
        shop.value("maxAgeHours", 2);
        shop.value("enabledAt", now);
        assertThat(shop.run("overdue").exit()).isZero();
        shop.value("enabledAt", now - 3 * 3600);
        assertThat(shop.run("overdue"))
                .isEqualTo(new Workshop.Said(1, "there is no backup yet, 3 h after it was set up; allowed are 2 h\n"));
        Files.writeString(shop.state.resolve("good"), "ended " + (now - 3600) + "\n");
        assertThat(shop.run("overdue").exit()).isZero();
        Files.writeString(shop.state.resolve("good"), "ended " + (now - 5 * 3600) + "\n");
        assertThat(shop.run("overdue").out()).isEqualTo("the newest backup is 5 h old; allowed are 2 h\n");
        shop.value("maxAgeHours", 0);
        assertThat(shop.run("overdue").exit()).isZero();
    }

    @Test
    void everyProgramIsShell() throws Exception {
        try (var programs = Files.list(shop.state.resolve("bin"))) {
            for (Path program :
                    programs.filter(p -> !p.toString().endsWith(".awk")).toList()) {
                assertThat(shop.host("/bin/sh", "-n", program.toString())).isEqualTo(new Workshop.Said(0, ""));
            }
        }
    }
}
