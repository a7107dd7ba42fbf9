package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.Digest;
import dev.vmext.server.repository.Restic;
import dev.vmext.server.repository.ResticProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process of its own that is killed in the middle of uploads, and one whose disk is full; the real restic on the other side. */
class RepositoryKillIT {
    private static final int FILES = 24;

    @TempDir
    Path folder;

    private Path home;
    private Path pems;
    private Path source;
    private @Nullable Process server;
    private int port;

    @BeforeEach
    void make() throws Exception {
        home = Files.createDirectory(folder.resolve("home"));
        pems = Files.createDirectory(folder.resolve("pems"));
        source = Files.createDirectory(folder.resolve("source"));
        Random random = new Random(5);
        for (int i = 0; i < FILES; i++) {
            byte[] noise = new byte[1 << 20];
            random.nextBytes(noise);
            Files.write(source.resolve("noise" + i), noise);
        }
    }

    @AfterEach
    void stop() throws Exception {
        kill();
    }

    private void kill() throws Exception {
        if (server != null) {
            server.destroyForcibly();
            server.waitFor();
            server = null;
        }
    }

    /** Starts the server; the script runs before it, in a mount name space of its own. */
    private BackingUp serve(String script) throws Exception {
        Path out = folder.resolve("server.out");
        Files.deleteIfExists(out);
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                script + " exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                RepositoryServer.class.getName(),
                home.toString(),
                pems.toString(),
                Integer.toString(port)));
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        server = started;
        while (!said(out).contains("serving ")) {
            if (!started.isAlive()) {
                throw new AssertionError(said(out));
            }
            started.waitFor(50, TimeUnit.MILLISECONDS);
        }
        String text = said(out);
        port = Integer.parseInt(text.substring(text.lastIndexOf("serving ") + 8)
                .lines()
                .findFirst()
                .orElseThrow());
        return BackingUp.saved(pems, port);
    }

    private static String said(Path out) throws IOException {
        return Files.exists(out) ? Files.readString(out) : "";
    }

    private Path repository(BackingUp web1) {
        return home.resolve("repositories").resolve(web1.place().toString());
    }

    private static long size(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            long sum = 0;
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                sum += Files.exists(file) ? Files.size(file) : 0;
            }
            return sum;
        }
    }

    @Test
    void aKillInTheMiddleOfUploadsLeavesASoundRepositoryAndTheBackupGoesOn() throws Exception {
        BackingUp web1 = serve("");
        BackingUp.Said made = web1.restic("init");
        assertThat(made.exit()).as(made.all()).isZero();
        for (int kill = 1; kill <= 3; kill++) {
            // Slow, so that there is a middle.
            Process backup = web1.start(
                    web1.url(web1.place().toString()),
                    web1.password,
                    "--limit-upload",
                    "2048",
                    "backup",
                    source.toString());
            long from = size(home.resolve("repositories"));
            while (backup.isAlive() && size(home.resolve("repositories")) < from + (1 << 20)) {
                backup.waitFor(20, TimeUnit.MILLISECONDS);
            }
            assertThat(backup.isAlive()).as(web1.said(backup)).isTrue();
            kill();
            backup.destroyForcibly();
            backup.waitFor();
            // What has a name is whole: each file's name is its digest.
            try (Stream<Path> data = Files.walk(repository(web1).resolve("data"))) {
                for (Path file : data.filter(Files::isRegularFile).toList()) {
                    assertThat(Digest.of(Files.readAllBytes(file)).hex())
                            .isEqualTo(file.getFileName().toString());
                }
            }
            serve("");
            assertThat(home.resolve("repositories/.incoming")).isEmptyDirectory();
        }
        BackingUp.Said done = web1.restic("backup", source.toString());
        assertThat(done.exit()).as(done.all()).isZero();
        // The machine clears away the locks of its killed programs; the host's restic waits for them to grow old.
        assertThat(web1.restic("unlock", "--remove-all").exit()).isZero();
        Restic.Place place = new Restic.Place(repository(web1).toString(), web1.password, Map.of());
        ResticProgram restic = new ResticProgram("/usr/bin:/bin", folder.toString());
        restic.check(place, 100);
        assertThat(restic.snapshots(place)).hasSize(1);
        Restic.Restored restored = restic.restore(place, "latest", List.of(), folder.resolve("back"));
        assertThat(restored.files()).isEqualTo(FILES);
        for (int i = 0; i < FILES; i++) {
            assertThat(folder.resolve("back" + source).resolve("noise" + i))
                    .hasSameBinaryContentAs(source.resolve("noise" + i));
        }
    }

    @Test
    void aFullDiskIsToldAndLeavesWhatWasThere() throws Exception {
        Path repositories = Files.createDirectory(home.resolve("repositories"));
        BackingUp web1 = serve("mount -t tmpfs -o size=8m tmpfs '" + repositories + "';");
        assertThat(web1.restic("init").exit()).isZero();
        Path little = Files.createDirectory(folder.resolve("little"));
        Files.writeString(little.resolve("note"), "it was there before");
        assertThat(web1.restic("backup", little.toString()).exit()).isZero();

        Process tooMuch = web1.start(web1.url(web1.place().toString()), web1.password, "backup", source.toString());
        while (tooMuch.isAlive() && !web1.said(tooMuch).contains("507")) {
            tooMuch.waitFor(50, TimeUnit.MILLISECONDS);
        }
        assertThat(web1.said(tooMuch)).contains("507 Insufficient Storage");
        tooMuch.destroy();
        tooMuch.waitFor();

        BackingUp.Said back = web1.restic(
                "--no-lock",
                "restore",
                "latest",
                "--target",
                folder.resolve("back").toString());
        assertThat(back.exit()).as(back.all()).isZero();
        assertThat(folder.resolve("back" + little + "/note")).hasContent("it was there before");
        assertThat(web1.restic("--no-lock", "check").exit()).isZero();
    }
}
