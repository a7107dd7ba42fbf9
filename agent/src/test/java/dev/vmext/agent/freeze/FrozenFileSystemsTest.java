package dev.vmext.agent.freeze;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real script as real processes. Only {@code fsfreeze} is a stand-in that writes down what it is called with, because the real one
 * would freeze the computer that runs the test.
 */
@Timeout(300)
class FrozenFileSystemsTest {
    private static final String MOUNTS = """
        25 30 0:23 / /proc rw,nosuid - proc proc rw
        30 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
        40 30 254:2 / /data\\040disk rw,relatime - xfs /dev/vdb rw
        41 30 254:2 /sub /srv rw,relatime - xfs /dev/vdb rw
        42 30 0:40 / /run rw - tmpfs tmpfs rw
        43 30 254:3 / /cdrom ro,relatime - ext4 /dev/vdc ro
        """;

    @TempDir
    Path folder;

    private Path calls = Path.of("/");
    private Path hooks = Path.of("/");
    private FrozenFileSystems machine =
            new FrozenFileSystems(calls, calls, calls, calls, duration -> Thread.sleep(duration.toMillis()));

    @BeforeEach
    void build() throws IOException {
        calls = Files.createFile(folder.resolve("calls"));
        hooks = Files.createDirectory(
                folder.resolve("freeze.d"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path mounts = Files.writeString(folder.resolve("mountinfo"), MOUNTS);
        Path bin = Files.createDirectory(folder.resolve("bin"));
        program(
                bin.resolve("fsfreeze"),
                "echo \"$@\" >>" + calls + "\n[ ! -e " + folder + "/busy ] || [ \"$1\" = -u ]");
        Path real = Path.of("src/main/sh/freeze-machine").toAbsolutePath();
        Path script =
                program(folder.resolve("script"), "PATH=" + bin + ":$PATH\nexport PATH\nexec " + real + " \"$@\"");
        machine = new FrozenFileSystems(
                script, folder.resolve("held"), hooks, mounts, duration -> Thread.sleep(duration.toMillis()));
    }

    private static Path program(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void hook(String name, String body) throws IOException {
        program(hooks.resolve(name), "echo " + name + " $1 >>" + calls + "\n" + body);
    }

    private List<String> calls() {
        try {
            return Files.readAllLines(calls);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(20);
        }
    }

    private boolean thawed() {
        List<String> all = calls();
        return all.contains("-u /") && all.contains("-u /data disk");
    }

    @Test
    void freezesEachFileSystemOnceTheRootLastAndLetsGoInTheOtherOrder() throws Exception {
        hook("10-first", "");
        hook("20-second", "");

        Stillness.Outcome held = machine.hold("a", 60);
        assertThat(held).isEqualTo(new Stillness.Outcome(true, "/data disk, /"));
        assertThat(machine.release("a").good()).isTrue();

        assertThat(calls())
                .containsExactly(
                        "10-first freeze",
                        "20-second freeze",
                        "-f /data disk",
                        "-f /",
                        "-u /",
                        "-u /data disk",
                        "20-second thaw",
                        "10-first thaw");
        assertThat(machine.release("a").good())
                .as("a second word changes nothing")
                .isFalse();
    }

    @Test
    void letsGoByItselfWhenNobodySaysSo() throws Exception {
        assertThat(machine.hold("a", 1).good()).isTrue();
        // As after kill -9 of the agent: nothing of it is asked any more.
        await(() -> Files.exists(folder.resolve("held/a/over")));

        assertThat(thawed()).isTrue();
        Stillness.Outcome late = machine.release("a");
        assertThat(late.good()).isFalse();
        assertThat(late.message()).contains("before it was told to");
    }

    @Test
    void theWatchdogLetsGoWhenTheScriptIsKilled() throws Exception {
        hook("10-first", "");
        assertThat(machine.hold("a", 60).good()).isTrue();
        assertThat(calls()).doesNotContain("-u /");
        kill(" " + folder.resolve("held/a") + " 60 " + hooks + " " + folder.resolve("mountinfo"));
        await(() -> Files.exists(folder.resolve("held/a/over")));

        assertThat(thawed()).isTrue();
        assertThat(calls()).containsOnlyOnce("10-first thaw");
        assertThat(machine.release("a").good()).isFalse();
    }

    @Test
    void theScriptLetsGoWhenTheWatchdogIsKilled() throws Exception {
        assertThat(machine.hold("a", 60).good()).isTrue();
        kill("--watch");

        assertThat(machine.release("a").good()).isTrue();
        assertThat(thawed()).isTrue();
    }

    /** Kills the process of this test whose command line holds this. */
    private void kill(String words) {
        List<ProcessHandle> found = ProcessHandle.allProcesses()
                .filter(process -> {
                    try {
                        String line = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                                .replace('\0', ' ');
                        return line.contains("freeze-machine")
                                && line.contains(folder.toString())
                                && line.contains(words)
                                && line.contains("--watch") == words.contains("--watch");
                    } catch (IOException gone) {
                        return false;
                    }
                })
                .toList();
        // A subshell looks the same for a moment; it is younger.
        found.stream()
                .min(Comparator.comparingLong(ProcessHandle::pid))
                .orElseThrow()
                .destroyForcibly();
    }

    @Test
    void aHookThatFailsFreezesNothingAndEndsThoseBeforeIt() throws Exception {
        hook("10-first", "");
        hook("20-second", "[ \"$1\" = thaw ]");
        hook("30-third", "");

        Stillness.Outcome held = machine.hold("a", 60);

        assertThat(held.good()).isFalse();
        assertThat(held.message()).contains("20-second ended with 1");
        assertThat(calls()).containsExactly("10-first freeze", "20-second freeze", "20-second thaw", "10-first thaw");
        assertThat(folder.resolve("held/a")).doesNotExist();
    }

    @Test
    void aHookThatOthersMayWriteIsNotRun() throws Exception {
        hook("10-first", "");
        Files.setPosixFilePermissions(hooks.resolve("10-first"), PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThat(machine.hold("a", 60).message()).contains("10-first is not root's alone");
        assertThat(calls()).isEmpty();
    }

    @Test
    void aFileSystemThatSomebodyElseFrozeIsLeftAlone() throws Exception {
        Files.createFile(folder.resolve("busy"));

        assertThat(machine.hold("a", 60).good()).isFalse();
        assertThat(calls()).containsExactly("-f /data disk");
    }

    @Test
    void anAgentLetsGoOfWhatTheOneBeforeItLeft() throws Exception {
        assertThat(machine.hold("a", 60).good()).isTrue();

        machine.releaseAll();

        assertThat(thawed()).isTrue();
        try (var left = Files.list(folder.resolve("held"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aMachineWithoutAnyOtherFileSystemSaysSo() throws Exception {
        Files.writeString(folder.resolve("mountinfo"), "42 30 0:40 / / rw - tmpfs tmpfs rw\n");

        assertThat(machine.hold("a", 5).message()).isEqualTo("it has no file system that can be frozen");
    }
}
