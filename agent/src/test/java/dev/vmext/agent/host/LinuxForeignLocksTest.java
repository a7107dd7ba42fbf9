package dev.vmext.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.process.ProcStat;
import dev.vmext.packageformat.manifest.Lease;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real locks of real processes on files below a private root; what needs root's programs has a process table of its own. */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
class LinuxForeignLocksTest extends ForeignLocksContract {
    private static final Path PROC = Path.of("/proc");

    @TempDir
    Path root;

    @Override
    ForeignLocks locks() throws Exception {
        file("var/lib/dpkg/lock-frontend", "");
        return new LinuxForeignLocks(root, PROC, text -> text.replace("hunter2", "[redacted]"));
    }

    private Path file(String name, String text) throws Exception {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private List<LockHolder> holders(Path proc) throws Exception {
        return new LinuxForeignLocks(root, proc, text -> text).holders(Lease.PACKAGE_MANAGER, Set.of());
    }

    @Override
    Taken take() throws Exception {
        // As apt runs dpkg: the holder has a session of its own and descends from the one that was started.
        return new Child(List.of(
                "setsid",
                "sh",
                "-c",
                "setsid --wait \"$@\"; exit 0",
                "sh",
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Dpassword=hunter2",
                "-cp",
                System.getProperty("java.class.path"),
                HoldLock.class.getName(),
                root.resolve("var/lib/dpkg/lock-frontend").toString()));
    }

    private static final class Child implements Taken {
        private final Process first;
        private final BufferedReader said;

        private Child(List<String> command) throws Exception {
            first = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            said = first.inputReader(StandardCharsets.UTF_8);
            assertThat(said.readLine()).isEqualTo("locked");
        }

        @Override
        public long pid() {
            return first.descendants()
                    .filter(handle -> handle.children().findAny().isEmpty())
                    .findFirst()
                    .orElseThrow()
                    .pid();
        }

        @Override
        public long session() {
            return ProcStat.of(PROC, first.pid()).orElseThrow().session();
        }

        @Override
        public String known() {
            return "java -Dpassword=[redacted]";
        }

        @Override
        public void close() throws Exception {
            first.getOutputStream().close();
            assertThat(said.readLine()).isNull();
            assertThat(first.waitFor()).isZero();
        }
    }

    @Test
    void aLockWhoseTakerIsGoneBelongsToWhoeverKeepsTheFileOpen() throws Exception {
        Path lock = file("var/lib/apt/daily_lock", "");
        // As apt's daily script does: a short-lived flock takes the lock on a descriptor that the shell keeps.
        Process shell =
                new ProcessBuilder("sh", "-c", "exec 3>" + lock + "; flock 3; echo locked; read wait; exit 0").start();
        try (BufferedReader said = shell.inputReader(StandardCharsets.UTF_8)) {
            assertThat(said.readLine()).isEqualTo("locked");
            assertThat(holders(PROC)).singleElement().satisfies(holder -> {
                assertThat(holder.pid()).isEqualTo(shell.pid());
                assertThat(holder.what()).isEqualTo(lock.toString());
            });
        } finally {
            shell.getOutputStream().close();
            shell.waitFor();
        }
        assertThat(holders(PROC)).isEmpty();
    }

    @Test
    void aPidFileCountsWhileItsWriterLives() throws Exception {
        long own = ProcessHandle.current().pid();
        Path file = file("run/dnf.pid", own + "\n");
        assertThat(holders(PROC)).extracting(LockHolder::pid).containsExactly(own);

        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        assertThat(holders(PROC))
                .as("written before this process began, so by another one with its number")
                .isEmpty();
        Files.writeString(file, "no number");
        assertThat(holders(PROC)).isEmpty();
    }

    @Test
    void unattendedUpgradesCountButNotTheOneThatWaitsForShutdown() throws Exception {
        Path proc = proc("", "1000.00 2000.00");
        process(proc, 300, "/usr/bin/python3", "/usr/share/unattended-upgrades/unattended-upgrade-shutdown", "--wait");
        file("usr/bin/unattended-upgrade", "");
        assertThat(holders(proc)).isEmpty();
        process(proc, 301, "/usr/bin/python3", "/usr/bin/unattended-upgrade", "--verbose");
        assertThat(holders(proc))
                .containsExactly(new LockHolder(
                        301, "/usr/bin/python3 /usr/bin/unattended-upgrade --verbose", "unattended-upgrades"));
    }

    @Test
    void cloudInitHoldsTheMachineUntilItsResultIsThere() throws Exception {
        Path proc = proc("", "40.00 20.00");
        assertThat(holders(proc)).as("not installed").isEmpty();
        file("run/cloud-init/enabled", "");
        assertThat(holders(proc))
                .extracting(LockHolder::pid)
                .as("between two stages")
                .containsExactly(0L);
        process(proc, 400, "/usr/bin/python3", "/usr/bin/cloud-init", "status", "--wait");
        assertThat(holders(proc))
                .extracting(LockHolder::pid)
                .as("who only waits")
                .containsExactly(0L);
        process(proc, 401, "/usr/bin/python3", "/usr/bin/cloud-init", "modules", "--mode=final");
        assertThat(holders(proc)).extracting(LockHolder::pid).containsExactly(401L);
        Files.delete(proc.resolve("401/stat"));
        process(proc, 402, "/usr/bin/python3", "/usr/local/sbin/cloud-init-stages");
        assertThat(holders(proc)).extracting(LockHolder::pid).containsExactly(402L);
        file("run/cloud-init/result.json", "{}");
        assertThat(holders(proc)).isEmpty();
    }

    @Test
    void aCloudInitThatDiedIsNotWaitedForForEver() throws Exception {
        file("run/cloud-init/enabled", "");
        assertThat(holders(proc("", "299.00 20.00"))).hasSize(1);
        assertThat(holders(proc("", "301.00 20.00"))).isEmpty();
    }

    @Test
    void readsLinesOfOtherShapesWithoutHarm() throws Exception {
        file("var/lib/dpkg/lock", "");
        assertThat(holders(proc("""
                        1: POSIX  ADVISORY  READ  9093 fe:00:1 0 EOF
                        1: -> POSIX  ADVISORY  WRITE 9093 fe:00:1 0 EOF
                        2: LEASE  ACTIVE    READ  9093 fe:00:2 0 EOF
                        3: POSIX  ADVISORY  WRITE x fe:00 0 EOF

                        """, "1 1"))).isEmpty();
    }

    private Path proc(String locks, String uptime) throws Exception {
        Path proc = Files.createDirectories(root.resolve("proc"));
        Files.writeString(proc.resolve("locks"), locks);
        Files.writeString(proc.resolve("uptime"), uptime + "\n");
        return proc;
    }

    private static void process(Path proc, long pid, String... words) throws Exception {
        Path folder = Files.createDirectories(proc.resolve(String.valueOf(pid)));
        Files.writeString(folder.resolve("cmdline"), String.join("\0", words) + "\0");
        Files.writeString(
                folder.resolve("stat"),
                pid + " (python3) S 1 " + pid + " " + pid + " 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0");
    }
}
