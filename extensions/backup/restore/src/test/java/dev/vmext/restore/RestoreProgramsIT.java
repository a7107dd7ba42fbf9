package dev.vmext.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.testkit.ResticRepository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs with the real restic: what was destroyed comes back as it was, or it is said why not and nothing is changed. */
final class RestoreProgramsIT {
    /** Everything about files that a restore must bring back: type, mode, owner, time, links, contents, attributes. */
    private static final String INVENTORY = """
            cd "$1" && find . -printf '%P|%y|%m|%U:%G|%T@|%l|%n|%s|' -exec sh -c '
                if [ -f "$1" ] && [ ! -L "$1" ]; then sha256sum < "$1"; else echo -; fi
                getfattr -h -d -m - --absolute-names -- "$1" 2>/dev/null | grep -v "^#"' sh {} \\; | sort""";

    /** What is the same for every test: the backup names the place of what it holds. */
    @TempDir
    private static Path shared;

    /** The files and their backup, as each test begins with them. */
    private static Path original;

    private Path folder;

    private Path state;
    private Path data;
    private Path repository;
    private final List<String> values =
            new ArrayList<>(List.of("extension vmext.Restore", "installation r1", "lockWaitSec 0", "tickSec 1"));

    record Said(int exit, String out) {}

    @BeforeAll
    static void aBackupOfAllKindsOfFiles() throws Exception {
        shared = shared.toRealPath();
        original = shared.resolve("original");
        Path data = Files.createDirectories(shared.resolve("work/machine/data"));
        ResticRepository.writeTo(shared.resolve("work/repository"));
        RestoreProgramsIT maker = new RestoreProgramsIT();
        maker.folder = shared.resolve("work");
        maker.repository = maker.folder.resolve("repository");
        maker.sh("""
                cd '%s'
                mkdir -p deep/er empty 'sp ace' private
                echo hello > a; ln a deep/hard; chmod 4751 a; chown 1234:4321 deep/er a
                ln -s nowhere link; mkfifo pipe
                setfattr -n user.colour -v green a; setfattr -n user.kind -v box deep; setfattr -n trusted.secret -v 1 deep/er
                setfacl -m u:77:r-x deep
                truncate -s 20M sparse; echo end >> sparse
                printf x > 'deep/new
                line'
                printf x > 'sp ace/ü"q$(touch oops)'
                chmod 0700 private; echo 1 > private/f
                touch -d '2001-02-03 04:05:06.789 UTC' empty private deep
                """.formatted(data));
        maker.restic("backup", data.toString());
        maker.sh("mv '%s' '%s'".formatted(maker.folder, original));
    }

    @BeforeEach
    void aMachineWithThatBackup() throws Exception {
        folder = shared.resolve("work");
        state = folder.resolve("state");
        data = folder.resolve("machine/data");
        repository = folder.resolve("repository");
        sh("rm -rf '%s' && cp -a '%s' '%s'".formatted(folder, original, folder));
        for (String name : List.of("bin", "conf", "events", "status")) {
            Files.createDirectories(state.resolve(name));
        }
        for (Path programs :
                List.of(Path.of("src/main/package/programs"), Path.of("../../../extension-kit/src/main/sh"))) {
            try (Stream<Path> files = Files.list(programs)) {
                for (Path file : files.toList()) {
                    Files.copy(file, state.resolve("bin").resolve(String.valueOf(file.getFileName())));
                }
            }
        }
        Files.writeString(state.resolve("events-folder"), state.resolve("events") + "\n");
        Files.writeString(state.resolve("status-file"), state.resolve("status/0.status") + "\n");
        for (String empty : List.of("include", "exclude", "repository.environment", "repository.arguments")) {
            Files.writeString(state.resolve("conf").resolve(empty), "");
        }
        Files.writeString(state.resolve("conf/repository.password"), ResticRepository.PASSWORD + "\n");
        Files.writeString(state.resolve("conf/repository.url"), repository + "\n");
        write();
    }

    private void value(String key, Object value) throws IOException {
        values.removeIf(line -> line.startsWith(key + " "));
        values.add(key + " " + value);
        write();
    }

    private void write() throws IOException {
        Files.writeString(state.resolve("conf/values"), String.join("\n", values) + "\n");
    }

    private Said end(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(shared.resolve("said").toFile());
        builder.environment().put("RESTIC_PASSWORD", ResticRepository.PASSWORD);
        builder.environment().put("RESTIC_REPOSITORY", repository.toString());
        builder.environment().put("RESTIC_CACHE_DIR", shared.resolve("cache").toString());
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError("it does not end: " + String.join(" ", command));
        }
        return new Said(process.exitValue(), Files.readString(shared.resolve("said"), StandardCharsets.UTF_8));
    }

    private String sh(String script, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
        command.addAll(List.of(arguments));
        Said said = end(command.toArray(String[]::new));
        assertThat(said.exit()).as(said.out()).isZero();
        return said.out();
    }

    private void restic(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("restic"));
        command.addAll(List.of(words));
        Said said = end(command.toArray(String[]::new));
        assertThat(said.exit()).as(said.out()).isZero();
    }

    private String inventory(Path root) throws Exception {
        return sh(INVENTORY, root.toString());
    }

    private Said restore() throws Exception {
        return end("/bin/sh", state.resolve("bin/restore").toString());
    }

    private String status() throws IOException {
        return Files.readString(state.resolve("status/0.status"));
    }

    private void nothingIsLeftBeside() throws Exception {
        assertThat(sh("find '%s' -name '.vmext-restore*'".formatted(folder.resolve("machine"))))
                .isEmpty();
    }

    @Test
    void whatWasDestroyedComesBackByteForByteWithModesOwnersAttributesLinksAndHoles() throws Exception {
        String before = inventory(data);
        sh("rm -rf '%s'".formatted(data));
        Said said = restore();
        assertThat(said.exit()).as(said.out()).isZero();
        assertThat(inventory(data)).isEqualTo(before);
        assertThat(Long.parseLong(sh("du -k '%s' | cut -f 1".formatted(data.resolve("sparse")))
                        .strip()))
                .isLessThan(100);
        assertThat(Files.getAttribute(data.resolve("a"), "unix:ino"))
                .isEqualTo(Files.getAttribute(data.resolve("deep/hard"), "unix:ino"));
        assertThat(status()).contains("\"success\"", "Restored 8 files", "contents verified");
        nothingIsLeftBeside();
    }

    @Test
    void whatWasChangedIsReplacedAndWhatCameSinceStays() throws Exception {
        String before = inventory(data);
        Files.writeString(data.resolve("deep/since"), "new");
        Files.writeString(data.resolve("private/f"), "spoilt");
        sh("chmod 777 '%s'; rm -r '%s'; setfacl -b '%s'"
                .formatted(data.resolve("private"), data.resolve("empty"), data.resolve("deep")));
        assertThat(restore().exit()).isZero();
        assertThat(data.resolve("deep/since")).hasContent("new");
        Files.delete(data.resolve("deep/since"));
        // Its own time is that of the backup again, until the line above touched it.
        sh("touch -d '2001-02-03 04:05:06.789 UTC' '%s'".formatted(data.resolve("deep")));
        assertThat(inventory(data)).isEqualTo(before);
    }

    @Test
    void aDryRunTellsAndChangesNothing() throws Exception {
        value("dryRun", true);
        Files.delete(data.resolve("link"));
        Files.writeString(data.resolve("private/f"), "spoilt");
        String before = inventory(folder.resolve("machine"));
        Said said = restore();
        assertThat(said.exit()).as(said.out()).isZero();
        assertThat(inventory(folder.resolve("machine"))).isEqualTo(before);
        assertThat(status())
                .contains("Dry run: snapshot ", "would restore 8 files", "1 new, 1 different", "new " + data + "/link")
                .contains("different-and-newer-here " + data + "/private/f");
    }

    @Test
    void partsGoToAnotherPlaceAndThePolicyDecides() throws Exception {
        Path target = folder.resolve("machine/elsewhere");
        value("target", target);
        Files.writeString(state.resolve("conf/include"), data + "/deep\n*ace\n");
        Files.writeString(state.resolve("conf/exclude"), "hard\n");
        Said said = restore();
        assertThat(said.exit()).as(said.out()).isZero();
        Path restored = target.resolve(data.toString().substring(1));
        assertThat(sh("cd '%s' && find . | sort | head -n 5".formatted(restored)))
                .contains("./deep/er", "./sp ace")
                .doesNotContain("hard", "private");
        Path kept = restored.resolve("deep/er/own");
        Files.writeString(kept, "mine");
        Path file = restored.resolve("sp ace").resolve("ü\"q$(touch oops)");
        Files.writeString(file, "mine");
        value("overwrite", "never");
        assertThat(restore().exit()).isZero();
        assertThat(file).hasContent("mine");
        assertThat(status()).contains("were kept as they were: overwrite is never");
        value("overwrite", "if-newer");
        assertThat(restore().exit()).isZero();
        assertThat(file).hasContent("mine");
        value("overwrite", "always");
        assertThat(restore().exit()).isZero();
        assertThat(file).hasContent("x");
        assertThat(kept).hasContent("mine");
        nothingIsLeftBeside();
    }

    @Test
    void aSnapshotIsFoundByIdOrTimeOrItIsSaidWhatThereIs() throws Exception {
        Files.writeString(data.resolve("private/f"), "second");
        restic("backup", "--time", "2040-01-01 00:00:00", data.toString());
        value("snapshot", "2039-12-31T23:00:00Z");
        assertThat(restore().exit()).isZero();
        assertThat(data.resolve("private/f")).hasContent("1\n");
        value("snapshot", "latest");
        assertThat(restore().exit()).isZero();
        assertThat(data.resolve("private/f")).hasContent("second");
        value("snapshot", "0123456789");
        assertThat(restore().exit()).isEqualTo(1);
        assertThat(status()).contains("\"error\"", "there is no snapshot 0123456789; the newest are: ");
        value("snapshot", "2001-01-01T00:00:00Z");
        assertThat(restore().exit()).isEqualTo(1);
        assertThat(status()).contains("there is no snapshot as old as 2001-01-01T00:00:00Z; the oldest is of ");
    }

    @Test
    void aDiskThatIsTooSmallIsSaidBeforeAnythingIsDone() throws Exception {
        Path small = Files.createDirectories(folder.resolve("machine/small"));
        value("target", small);
        Said said = end(
                "unshare",
                "--mount",
                "/bin/sh",
                "-c",
                "mount -t tmpfs -o size=4m none '%s'; /bin/sh '%s/bin/restore'; echo code $?; find '%s'"
                        .formatted(small, state, small));
        assertThat(said.out()).contains("code 1").endsWith(small + "\n");
        assertThat(status()).contains("free, and the restore needs 20.0 MiB; nothing was changed");
        assertThat(sh("cat '%s'/*".formatted(state.resolve("events")))).contains("restore-failed");
    }

    @Test
    void killedInTheMiddleItIsToldAndTheNextRunIsWhole() throws Exception {
        String before = inventory(data);
        sh("rm -rf '%s'".formatted(data));
        Process cut = new ProcessBuilder(
                        "setsid", "-w", "/bin/sh", state.resolve("bin/restore").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("cut").toFile())
                .start();
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!Files.exists(state.resolve("staging"))) {
            assertThat(System.nanoTime()).as("it begins").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(10);
        }
        List<ProcessHandle> all = cut.descendants().toList();
        all.forEach(ProcessHandle::destroyForcibly);
        cut.destroyForcibly().waitFor();
        while (all.stream().anyMatch(one -> Files.exists(Path.of("/proc", Long.toString(one.pid()))))) {
            assertThat(System.nanoTime()).as("what was killed goes").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(10);
        }
        end("/bin/sh", state.resolve("bin/restore-ended").toString());
        assertThat(status()).contains("\"error\"", "its unit ended with");
        nothingIsLeftBeside();
        assertThat(restore().exit()).isZero();
        assertThat(inventory(data)).isEqualTo(before);
        assertThat(sh("cat '%s'/*".formatted(state.resolve("events")))).contains("resolved");
    }

    @Test
    void aWrongPasswordAndAFolderInTheWayAreSaid() throws Exception {
        Files.writeString(state.resolve("conf/repository.password"), "wrong\n");
        assertThat(restore().exit()).isEqualTo(1);
        assertThat(status()).contains("does not open with this password");
        Files.writeString(state.resolve("conf/repository.password"), ResticRepository.PASSWORD + "\n");
        sh("rm -r '%s'; echo file > '%s'; rm '%s'; mkdir '%s'"
                .formatted(data.resolve("empty"), data.resolve("empty"), data.resolve("link"), data.resolve("link")));
        assertThat(restore().exit()).isEqualTo(1);
        assertThat(status()).contains("2 files could not be put where they belong");
        assertThat(data.resolve("private/f")).hasContent("1\n");
    }
}
