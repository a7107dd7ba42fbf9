package dev.vmext.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.repository.Repository;
import dev.vmext.testkit.ResticRepository;
import dev.vmext.testkit.SftpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repository of the operator's own behind a real sshd, reached with what settings say and nothing else of the machine. */
final class SftpIT {
    @TempDir
    private Path folder;

    private SftpServer server;
    private Workshop shop;

    @BeforeEach
    void aServerAndAMachine() throws Exception {
        server = new SftpServer(folder.resolve("sshd"));
        shop = new Workshop(folder.resolve("machine"));
        Files.writeString(shop.source.resolve("letter"), "dear");
        settings(server.hostKey(), server.key());
    }

    @AfterEach
    void end() {
        server.close();
    }

    /** Writes the files that the handler makes of such settings. */
    private void settings(String hostKey, String sshKey) throws IOException {
        Repository repository = new Repository(
                new Repository.Place.Own(
                        server.url("backup"), Map.of(), Optional.empty(), List.of(hostKey), Optional.of(sshKey)),
                ResticRepository.PASSWORD);
        for (Map.Entry<String, String> file :
                repository.files(shop.conf.toString(), Optional.empty()).entrySet()) {
            Path path = shop.conf.resolve(file.getKey());
            Files.writeString(path, file.getValue());
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        }
    }

    private void backsUp() throws Exception {
        Workshop.Said said = shop.run("backup", "now");
        assertThat(said.exit()).as(said.toString()).isZero();
        assertThat(shop.read("last")).contains("outcome good");
    }

    @Test
    void makesTheRepositoryAndBacksUpAndStoppedGivesItsLockBack() throws Exception {
        Workshop.Said said = shop.run("prepare");
        assertThat(said).isEqualTo(new Workshop.Said(0, ""));
        Path stored = server.store().resolve("backup");
        assertThat(stored.resolve("config")).isRegularFile();
        backsUp();
        Files.writeString(shop.source.resolve("letter"), "dear all");
        backsUp();
        assertThat(shop.read("last")).contains("changed 1");
        Path back = folder.resolve("back");
        assertThat(shop.host("restic", "-r", stored.toString(), "restore", "latest", "--target", back.toString())
                        .exit())
                .isZero();
        assertThat(Path.of(back + shop.source.toString()).resolve("letter")).hasContent("dear all");
        assertThat(shop.host("restic", "-r", stored.toString(), "check", "--read-data")
                        .out())
                .contains("no errors were found");

        shop.value("limits.uploadKiBps", 64);
        byte[] much = new byte[20_000_000];
        new java.util.Random(1).nextBytes(much);
        Files.write(shop.source.resolve("much"), much);
        long before = count(stored.resolve("data"));
        Process stopped = shop.begin("backup", "now");
        Workshop.await("it sends", () -> count(stored.resolve("data")) > before);
        assertThat(isEmpty(stored.resolve("locks"))).isFalse();
        stopped.destroy();
        assertThat(shop.end(stopped).exit()).isEqualTo(143);
        assertThat(isEmpty(stored.resolve("locks"))).isTrue();
    }

    private static long count(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).count();
        } catch (IOException | UncheckedIOException e) {
            // Something in it was renamed just now.
            return 0;
        }
    }

    private static boolean isEmpty(Path folder) {
        try (var files = Files.list(folder)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void anotherHostKeyIsRefusedBeforeAnythingIsSent() throws Exception {
        settings(server.wrongHostKey(), server.key());
        Workshop.Said said = shop.run("prepare");
        assertThat(said.exit()).as("the settings are at fault").isEqualTo(1);
        assertThat(said.out())
                .startsWith("the server has a host key that is none of repository.hostKeys, so nothing was sent to it:"
                        + " it showed SHA256:");
        assertThat(shop.run("backup", "now").exit()).isEqualTo(1);
        assertThat(shop.read("last")).contains("outcome failed", "a host key that is none of repository.hostKeys");
        assertThat(shop.told()).contains("backup-failed", "none of repository.hostKeys");

        // A server that the settings do not name at all.
        settings(server.hostKey().replace("127.0.0.1", "192.0.2.1"), server.key());
        said = shop.run("prepare");
        assertThat(said.exit()).isEqualTo(1);
        assertThat(said.out()).contains("none of repository.hostKeys", "host key is known for [127.0.0.1]");
        assertThat(server.store()).isEmptyDirectory();
        assertThat(server.said()).doesNotContain("Accepted publickey");
    }

    @Test
    void aKeyThatIsNotLetInIsSaidAndMayBeLetInLater() throws Exception {
        settings(server.hostKey(), server.wrongKey());
        Workshop.Said said = shop.run("prepare");
        assertThat(said.exit()).isEqualTo(3);
        assertThat(said.out())
                .startsWith("the server does not let sshKey in:")
                .contains("Permission denied (publickey");
        assertThat(shop.run("backup", "now").exit()).isEqualTo(1);
        assertThat(shop.read("last")).contains("outcome failed", "the server does not let sshKey in");
        settings(server.hostKey(), server.key());
        assertThat(shop.run("prepare").exit()).isZero();
        backsUp();
        assertThat(shop.told()).contains("\"state\":\"resolved\"");
    }
}
