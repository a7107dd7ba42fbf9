package dev.vmext.antivirus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quarantine as real files; only owners other than oneself need a machine of their own. */
final class QuarantineProgramTest {
    @TempDir
    private Path folder;

    private Workshop shop;
    private Path eicar;

    @BeforeEach
    void plantAFile() throws Exception {
        shop = new Workshop(folder);
        eicar = Files.writeString(shop.home.resolve("eicar.com"), Workshop.EICAR);
        Files.setPosixFilePermissions(eicar, PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(eicar, FileTime.from(Instant.parse("2020-02-02T02:02:02.123456789Z")));
    }

    @Test
    void takesAFileAwayAndPutsItBackByteForByteWithModeAndTime() throws Exception {
        String id = shop.take(eicar);
        assertThat(eicar).doesNotExist();
        assertThat(shop.run("quarantine", "list").out())
                .contains(id, "Test.Eicar", "68 bytes", "751", eicar.toString());

        Workshop.Said said = shop.run("quarantine", "restore", id);
        assertThat(said.exit()).as(said.toString()).isZero();
        assertThat(eicar).hasContent(Workshop.EICAR);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(eicar)))
                .isEqualTo("rwxr-x--x");
        assertThat(Files.getLastModifiedTime(eicar).toInstant())
                .isEqualTo(Instant.parse("2020-02-02T02:02:02.123456789Z"));
        assertThat(shop.item(id)).doesNotExist();
    }

    @Test
    void nothingInTheQuarantineLooksLikeMalwareOrIsReadableByOthers() throws Exception {
        String id = shop.take(eicar);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shop.state.resolve("quarantine"))))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.walk(shop.item(id))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(text).doesNotContain(Workshop.EICAR.substring(10, 40));
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
            }
        }
        assertThat(Files.readAllLines(shop.item(id).resolve("meta")))
                .contains(
                        "sha256 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
                        "size 68",
                        "mode 751",
                        "signature Test.Eicar",
                        "path " + eicar);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-rf",
                "a b",
                "line\nbreak",
                "back\\134slash",
                "x: Y FOUND",
                "'quoted\"",
                "*",
                "$(touch x)",
                "ü",
                "end\n"
            })
    void anyNameComesBack(String name) throws Exception {
        Path odd = shop.home.resolve(name);
        Files.writeString(odd, "content of " + name);
        String id = shop.take(odd);
        assertThat(odd).doesNotExist();
        assertThat(eicar).exists();
        Workshop.Said said = shop.run("quarantine", "restore", id);
        assertThat(said.exit()).as(said.toString()).isZero();
        assertThat(odd).hasContent("content of " + name);
        try (Stream<Path> files = Files.list(shop.home)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void aLinkIsNeverFollowed() throws Exception {
        Path precious = Files.writeString(
                Files.createDirectories(shop.root.resolve("etc")).resolve("passwd"), "root");
        Files.createSymbolicLink(shop.home.resolve("folder"), shop.root.resolve("etc"));
        Files.createSymbolicLink(shop.home.resolve("file"), precious);
        for (String path : List.of("folder/passwd", "file", "../home/eicar.com")) {
            Workshop.Said said = shop.run("quarantine", "take", shop.home + "/" + path, "Test.Eicar", "daily");
            assertThat(said.exit()).as(path).isEqualTo(1);
        }
        assertThat(precious).hasContent("root");
        assertThat(eicar).exists();
        assertThat(shop.run("quarantine", "list").out()).isEmpty();
    }

    @Test
    void aFileIsNotPutBackThroughALinkOrOverAnotherOne() throws Exception {
        Path inner = Files.createDirectories(shop.home.resolve("a"));
        Path file = Files.writeString(inner.resolve("x"), "old");
        String id = shop.take(file);

        Files.writeString(file, "new");
        assertThat(shop.run("quarantine", "restore", id).out()).contains("there is another file");
        assertThat(file).hasContent("new");

        Files.delete(file);
        Files.delete(inner);
        assertThat(shop.run("quarantine", "restore", id).out()).contains("is gone or is reached through a link");
        Path etc = Files.createDirectories(shop.root.resolve("etc"));
        Files.createSymbolicLink(inner, etc);
        assertThat(shop.run("quarantine", "restore", id).exit()).isEqualTo(1);
        assertThat(etc.resolve("x")).doesNotExist();
        assertThat(shop.item(id)).exists();
    }

    @Test
    void aDamagedItemIsNotPutBack() throws Exception {
        String id = shop.take(eicar);
        Path content = shop.item(id).resolve("content");
        byte[] bytes = Files.readAllBytes(content);
        bytes[bytes.length / 2] ^= 1;
        Files.write(content, bytes);
        Workshop.Said said = shop.run("quarantine", "restore", id);
        assertThat(said.exit()).isEqualTo(1);
        assertThat(said.out()).contains("damaged");
        assertThat(eicar).doesNotExist();
    }

    @Test
    void whatIsRestoredIsTrustedAndItsFindingResolved() throws Exception {
        assertThat(shop.run("found", eicar.toString(), "Test.Eicar", "daily").exit())
                .isZero();
        String id = shop.run("quarantine", "list").out().split(" ", -1)[0];
        assertThat(shop.told())
                .contains(
                        "\"type\":\"malware-found\"",
                        "\"subject\":\"" + eicar + "\"",
                        "\"quarantine\":\"" + id + "\"",
                        "\"sha256\":\"275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f\"")
                .doesNotContain("resolved");
        shop.run("quarantine", "restore", id);
        assertThat(shop.told()).contains("\"state\":\"resolved\"");
        assertThat(shop.state.resolve("own/restored.sfp"))
                .hasContent("275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f:68:vmext.restored." + id);
    }

    @Test
    void aFindingStaysWhileAnotherItemCameFromTheSamePath() throws Exception {
        shop.run("found", eicar.toString(), "Test.Eicar", "daily");
        String first = shop.run("quarantine", "list").out().split(" ", -1)[0];
        Files.writeString(eicar, Workshop.EICAR);
        shop.run("found", eicar.toString(), "Test.Eicar", "daily");
        shop.run("quarantine", "delete", first);
        assertThat(shop.told()).doesNotContain("resolved");
        shop.run("quarantine", "delete", shop.run("quarantine", "list").out().split(" ", -1)[0]);
        assertThat(shop.told()).contains("\"state\":\"resolved\"");
    }

    @Test
    void aFullQuarantineLeavesTheFileAndSaysSo() throws Exception {
        shop.values("quarantine.maxMiB 1");
        Files.write(eicar, new byte[2 * 1024 * 1024]);
        assertThat(shop.run("found", eicar.toString(), "Test.Zero", "daily").exit())
                .isEqualTo(1);
        assertThat(eicar).exists();
        assertThat(shop.told()).contains("no: the quarantine is full");
    }

    @Test
    void withActionReportTheFileStays() throws Exception {
        shop.values("action report");
        assertThat(shop.run("found", eicar.toString(), "Test.Eicar", "daily").exit())
                .isEqualTo(1);
        assertThat(eicar).exists();
        assertThat(shop.told()).contains("no: action is report", "275a021bbfb6489e");
    }

    @Test
    void whatIsTooOldGoesAndTheRestStays() throws Exception {
        String old = shop.take(eicar);
        String young = shop.take(Files.writeString(shop.home.resolve("b"), "b"));
        Path meta = shop.item(old).resolve("meta");
        Files.writeString(meta, Files.readString(meta).replaceFirst("taken [0-9]+", "taken 1000000000"));
        shop.values("quarantine.keepDays 0");
        shop.run("quarantine", "purge");
        assertThat(shop.item(old)).exists();
        shop.values("quarantine.keepDays 90");
        shop.run("quarantine", "purge");
        assertThat(shop.item(old)).doesNotExist();
        assertThat(shop.item(young)).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../home", "", "a/b", ".", "20260101-000000-0123abcd"})
    void anIdIsNeverAPath(String id) throws Exception {
        assertThat(shop.run("quarantine", "delete", id).exit()).isPositive();
        assertThat(shop.run("quarantine", "restore", id).exit()).isPositive();
        assertThat(eicar).exists();
    }
}
