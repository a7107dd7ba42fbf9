package dev.vmext.server.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class HostRunTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    private static ProcessBuilder shell(String script) {
        return new ProcessBuilder("/bin/sh", "-c", script);
    }

    /** What is dead and waits for somebody to ask how it ended does not run. */
    private static boolean runs(String pid) throws IOException {
        try {
            return !Files.readString(Path.of("/proc", pid, "stat")).contains(") Z ");
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    /** A killed process is gone when the host has found the time for it; the limit is the test's. */
    private static void awaitEndOf(Path pids) throws Exception {
        for (String pid : Files.readAllLines(pids)) {
            while (runs(pid)) {
                Thread.sleep(20);
            }
        }
    }

    @Test
    void bothStreamsAndTheCodeComeBack() throws Exception {
        HostRun.Ended ended = HostRun.run(shell("echo words; echo trouble >&2; exit 3"), LONG, 100);
        assertThat(ended).isEqualTo(new HostRun.Ended(3, "words\n", "trouble\n"));
    }

    @Test
    void whatIsTooMuchIsReadAndForgotten() throws Exception {
        HostRun.Ended ended = HostRun.run(shell("head -c 1000000 /dev/zero | tr '\\0' x; exit 0"), LONG, 10);
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).isEqualTo("xxxxxxxxxx");
    }

    @Test
    @Timeout(60)
    void aProgramThatHangsIsStoppedWithWhatItStarted(@TempDir Path folder) throws Exception {
        Path pids = folder.resolve("pids");
        assertThatThrownBy(() -> HostRun.run(
                        shell("sleep 600 & echo $! >" + pids + "; echo $$ >>" + pids + "; wait"),
                        Duration.ofSeconds(3),
                        100))
                .isInstanceOf(HostRun.Late.class);
        awaitEndOf(pids);
    }

    @Test
    @Timeout(60)
    void aChildThatDoesNotListenIsKilledAfterItsParentWent(@TempDir Path folder) throws Exception {
        Path pids = folder.resolve("pids");
        assertThatThrownBy(() -> HostRun.run(
                        shell("(trap '' TERM; echo ready >" + folder.resolve("ready")
                                + "; while :; do sleep 1; done) & echo $! >" + pids + "; wait"),
                        Duration.ofSeconds(3),
                        100))
                .isInstanceOf(HostRun.Late.class);
        assertThat(folder.resolve("ready")).exists();
        awaitEndOf(pids);
    }

    @Test
    @Timeout(60)
    void aChildThatKeepsTheOutputOpenHoldsNobody() throws Exception {
        HostRun.Ended ended = HostRun.run(shell("echo done; sleep 600 & echo $!"), LONG, 100);
        assertThat(ended.out()).startsWith("done\n");
        ProcessHandle.of(Long.parseLong(ended.out().lines().toList().get(1))).ifPresent(ProcessHandle::destroyForcibly);
    }
}
