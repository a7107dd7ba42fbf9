package dev.vmext.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.cause.HostView;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandCausesTest {
    @TempDir
    Path temp;

    private Path base;
    private String options = "rw,relatime";
    private long free = 1L << 30;
    private long kills = 3;

    @BeforeEach
    void makeFolder() throws IOException {
        base = Files.createDirectories(temp.resolve("acme.Fw-1.0.0"));
    }

    private final class Pretended implements HostView {
        @Override
        public Optional<Mount> mount(Path path) {
            return Optional.of(new Mount("/data", "ext4", options, free, 2L << 30));
        }

        @Override
        public long outOfMemoryKills() {
            return kills;
        }

        @Override
        public List<String> outOfMemoryLines() {
            return List.of("Out of memory: Killed process 77 (leak)");
        }

        @Override
        public Optional<String> processName(long pid) {
            return pid == 99 ? Optional.of("apt-get") : Optional.empty();
        }
    }

    private CommandCauses.Ran ran(String file) {
        return new CommandCauses.Ran("enable", "acme.Fw", base, base + "/" + file + " enable", Path.of("/var/log/x"));
    }

    private Cause exited(int code, String output) {
        Cause cause = new CommandCauses(new Pretended()).exited(ran("bin/handler.sh"), code, output, 3);
        assertThat(cause.hint()).isNotBlank();
        assertThat(cause.message()).contains("acme.Fw");
        assertThat(cause.evidence()).containsEntry("exitCode", String.valueOf(code));
        return cause;
    }

    private Path script(String text, String mode) throws IOException {
        Path file = base.resolve("bin/handler.sh");
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return file;
    }

    @Test
    void anExitCodeThatNothingExplainsStaysOneAndQuotesTheLastWords() {
        Cause cause = exited(7, "trying\nit is bad\n");
        assertThat(cause.kind()).isEqualTo(CauseClass.HANDLER_EXIT);
        assertThat(cause.message()).contains("exit code 7").contains("it is bad");
    }

    @Test
    void signalsAreNamed() {
        Cause cause = exited(139, "");
        assertThat(cause.kind()).isEqualTo(CauseClass.HANDLER_CRASH);
        assertThat(cause.evidence()).containsEntry("signal", "SIGSEGV");
        assertThat(exited(143, "").message()).contains("SIGTERM");
    }

    @Test
    void aKillForMemoryIsTold() {
        kills = 4;
        Cause cause = exited(137, "Killed\n");
        assertThat(cause.kind()).isEqualTo(CauseClass.MEMORY);
        assertThat(cause.evidence().get("kernel")).contains("process 77 (leak)");
        kills = 3;
        assertThat(exited(137, "Killed\n").kind()).isEqualTo(CauseClass.HANDLER_CRASH);
    }

    @Test
    void aFullFileSystemExplainsAHandlerThatSaysNothing() {
        free = 0;
        Cause cause = exited(3, "");
        assertThat(cause.kind()).isEqualTo(CauseClass.DISK);
        assertThat(cause.evidence()).containsEntry("mount", "/data").containsEntry("freeBytes", "0");
    }

    @Test
    void whatTheOutputSaysComesWithTheMountItIsAbout() {
        Cause cause = exited(1, "cp: error writing '/data/x': No space left on device\n");
        assertThat(cause.kind()).isEqualTo(CauseClass.DISK);
        assertThat(cause.evidence()).containsEntry("path", "/data/x").containsEntry("mount", "/data");
        assertThat(cause.message()).contains("exit code 1");
    }

    @Test
    void whoHoldsALockIsLookedUp() {
        Cause cause = exited(100, "Existing lock /var/run/yum.pid: another copy is running as pid 99.\n");
        assertThat(cause.kind()).isEqualTo(CauseClass.LOCK);
        assertThat(cause.evidence()).containsEntry("holder", "apt-get");
    }

    @Test
    void aCommandThatCannotBeStartedIsExplainedByItsFile() throws IOException {
        assertThat(exited(127, "").kind()).isEqualTo(CauseClass.PACKAGE);
        script("#!/bin/sh\r\nexit 0\r\n", "rwxr-xr-x");
        assertThat(exited(127, "/bin/sh: 1: x: not found").evidence()).containsEntry("interpreter", "/bin/sh\\r");
        script("#!/usr/bin/no-such-python\n", "rwxr-xr-x");
        Cause missing = exited(127, "");
        assertThat(missing.kind()).isEqualTo(CauseClass.DEPENDENCY);
        assertThat(missing.evidence()).containsEntry("interpreter", "/usr/bin/no-such-python");
        script("#!/bin/sh\n", "rw-r--r--");
        assertThat(exited(126, "x: Permission denied").message()).contains("no execute bit");
        script("#!/bin/sh\n", "rwxr-xr-x");
        options = "rw,noexec";
        Cause noexec = exited(126, "x: Permission denied");
        assertThat(noexec.kind()).isEqualTo(CauseClass.PERMISSION);
        assertThat(noexec.evidence()).containsEntry("mount", "/data");
    }

    @Test
    void aTimeoutNamesWhatStillRanAndWhatItWaitedFor() {
        CommandCauses causes = new CommandCauses(new Pretended());
        Cause plain = causes.timedOut(ran("h"), Duration.ofSeconds(5), 42, List.of("sleep (43)"), "");
        assertThat(plain.kind()).isEqualTo(CauseClass.TIMEOUT);
        assertThat(plain.evidence()).containsEntry("processes", "sleep (43)").containsEntry("pid", "42");
        Cause waiting = causes.timedOut(
                ran("h"),
                Duration.ofSeconds(5),
                42,
                List.of("apt-get (43)"),
                "Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 99 (apt)...");
        assertThat(waiting.kind()).isEqualTo(CauseClass.LOCK);
        assertThat(waiting.evidence()).containsEntry("holderPid", "99").containsEntry("holder", "apt");
    }

    @Test
    void aCommandThatIsGoneBlamesMemoryOnlyIfTheKernelKilledMeanwhile() {
        CommandCauses causes = new CommandCauses(new Pretended());
        assertThat(causes.vanished(ran("h"), "process 5 ended without an exit code", false, 3)
                        .kind())
                .isEqualTo(CauseClass.HANDLER_CRASH);
        kills = 5;
        assertThat(causes.vanished(ran("h"), "process 5 ended without an exit code", false, 3)
                        .kind())
                .isEqualTo(CauseClass.MEMORY);
    }

    @Test
    void aRestartOfTheMachineIsNobodyWhoKilled() {
        CommandCauses causes = new CommandCauses(new Pretended());
        assertThat(causes.vanished(ran("h"), "process 5 ended without an exit code", false, 3)
                        .hint())
                .contains("who killed it");
        assertThat(causes.vanished(ran("h"), "the machine was restarted while process 5 ran", true, 3)
                        .hint())
                .doesNotContain("killed")
                .contains("how far it came", "rerun");
    }

    @Test
    void aCommandWhoseEndCouldNotBeWrittenDownBlamesTheFullDisk() {
        free = 0;
        Cause cause =
                new CommandCauses(new Pretended()).vanished(ran("h"), "process 5 ended without an exit code", false, 3);
        assertThat(cause.kind()).isEqualTo(CauseClass.DISK);
        assertThat(cause.message())
                .contains("process 5 ended without an exit code")
                .contains("/data is full");
        assertThat(cause.evidence()).containsEntry("mount", "/data");
    }
}
