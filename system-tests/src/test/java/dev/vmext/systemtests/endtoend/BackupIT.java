package dev.vmext.systemtests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Backup and restore through everything that is real but systemd: command line, control plane, gateway, agent, the programs of the two
 * packages, and restic.
 */
@SuppressWarnings("try") // closing server and machine waits for their processes
class BackupIT {
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private ControlPlane plane;
    private Guest guest;
    private Path data;

    @BeforeEach
    void start() throws Exception {
        plane = ControlPlane.start(folder.resolve("home"));
        BackupPackages.publish(plane, folder.resolve("packages"));
        guest = Guest.enrol(plane, "m1", folder.resolve("machine"), "full");
        vmext(
                "context",
                "add",
                "desk",
                "--api",
                "http://127.0.0.1:" + plane.apiPort(),
                "--token-file",
                plane.home.resolve("admin.token").toString());
        data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("letter"), "dear");
        Files.createSymbolicLink(data.resolve("link"), Path.of("letter"));
    }

    @AfterEach
    void stop() throws Exception {
        guest.close();
        plane.close();
    }

    private Product.Said vmext(String... arguments) throws Exception {
        Product.Said said = Product.vmext(plane.home, "", arguments);
        assertThat(said.exit()).as(said.all()).isZero();
        return said;
    }

    private void nightly() throws Exception {
        plane.api()
                .put(
                        ControlPlane.path("m1", "nightly"),
                        "{\"extension\": \"vmext.Backup\", \"settings\": {\"sources\": [\"" + data
                                + "\"], \"schedule\": {\"when\": \"manual\"}}}")
                .ok();
        plane.awaitHealthy("m1", "nightly", LONG);
    }

    private Path repository() throws Exception {
        JsonNode machine = plane.api().get("/v1/projects/default/machines/m1").ok();
        return plane.home.resolve("repositories/" + machine.path("id").asText() + "/nightly");
    }

    private static Path onlyOne(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    @Test
    void aBackupComesBackOnAnotherMachineAndCannotBeDeletedFromItsOwn() throws Exception {
        nightly();
        assertThat(vmext("backup", "m1", "--wait").out()).contains("Backup of m1 by nightly: good at ", "1 new");
        assertThat(Product.vmext(plane.home, "", "backup", "m1", "other").err())
                .contains("cannot find an installation 'other' of vmext.Backup on m1", "There are: nightly");
        assertThat(repository().resolve("config")).isRegularFile();

        // Root on the machine has the certificate and the password, and yet can only add.
        Path config = guest.handlers().resolve("nightly/vmext.Backup-1.0.0/config");
        JsonNode gateway = Api.JSON.readTree(config.resolve("gateway.json").toFile());
        for (String kind : List.of("snapshots", "keys", "index")) {
            Path file = onlyOne(repository().resolve(kind));
            Product.Said delete = Product.run(
                    folder,
                    "",
                    60,
                    Map.of(),
                    List.of(
                            "curl",
                            "-sS",
                            "--cacert",
                            gateway.path("caFile").asText(),
                            "--cert",
                            gateway.path("clientCertificateFile").asText(),
                            "-X",
                            "DELETE",
                            gateway.path("url").asText() + "/v1/repositories/"
                                    + gateway.path("machine").asText() + "/nightly/" + kind + "/"
                                    + file.getFileName()));
            assertThat(delete.out()).as(delete.all()).contains("repository-append-only");
            assertThat(file).isRegularFile();
        }

        try (Guest spare = Guest.enrol(plane, "spare", folder.resolve("spare"), "full")) {
            Path target = Files.createDirectories(folder.resolve("restored"));
            Product.Said dry = vmext("restore", "spare", "--from", "m1", "--target", target.toString(), "--dry-run");
            assertThat(dry.out()).contains("Dry run: snapshot ", "would restore 2 files", "2 new");
            assertThat(target).isEmptyDirectory();
            Product.Said said = vmext("restore", "spare", "--from", "m1", "--target", target.toString());
            assertThat(said.out()).contains("Restored 2 files of snapshot ", "contents verified");
            Path there = target.resolve(data.toString().substring(1));
            assertThat(there.resolve("letter")).hasContent("dear");
            assertThat(Files.readSymbolicLink(there.resolve("link"))).isEqualTo(Path.of("letter"));
            Eventually.until(
                    "its installation is taken off again", LONG, () -> plane.installations("spare"), List::isEmpty);
            assertThat(spare.log()).doesNotContain("repositoryPassword");

            // What was backed up can be restored though nothing backs it up any more.
            vmext("uninstall", "m1", "nightly", "--wait");
            Path again = Files.createDirectories(folder.resolve("restored-again"));
            said = vmext("restore", "spare", "nightly", "--from", "m1", "--target", again.toString());
            assertThat(said.out()).contains("Restored 2 files of snapshot ");
            assertThat(Product.vmext(plane.home, "", "restore", "spare", "weekly", "--from", "m1")
                            .err())
                    .contains("cannot find a backup 'weekly' of m1 on this control plane", "Name one: nightly.");
            assertThat(Product.vmext(plane.home, "", "restore", "spare", "--from", "nobody")
                            .err())
                    .contains("machine nobody");
        }
    }

    @Test
    void theControlPlaneKilledInTheMiddleLosesNothingAndTheBackupGoesOn() throws Exception {
        Random noise = new Random(7);
        for (int i = 0; i < 20; i++) {
            byte[] bytes = new byte[6_000_000];
            noise.nextBytes(bytes);
            Files.write(data.resolve("photo" + i), bytes);
        }
        nightly();
        assertThat(vmext("backup", "m1").out()).contains(" is to begin");
        Path packs = repository().resolve("data");
        Eventually.until("a part of it has arrived", LONG, () -> count(packs), some -> some > 0);
        plane.killNine();
        plane.startAgain();
        JsonNode after = Eventually.until(
                "the backup has ended",
                LONG,
                () -> plane.installation("m1", "nightly").path("status").path("substatus"),
                parts -> parts.toString().contains("files,") || parts.toString().contains("\"error\""));
        assertThat(after.toString()).contains("good at ", "21 new");
        Product.Said check = Product.run(
                folder,
                "",
                600,
                Map.of(),
                List.of(
                        "restic",
                        "-r",
                        repository().toString(),
                        "--no-cache",
                        "--no-lock",
                        "--password-file",
                        guest.handlers()
                                .resolve("nightly/vmext.Backup-1.0.0/state/conf/repository.password")
                                .toString(),
                        "check",
                        "--read-data"));
        assertThat(check.all()).contains("no errors were found");
    }

    private static long count(Path packs) throws IOException {
        if (!Files.isDirectory(packs)) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(packs)) {
            return all.filter(Files::isRegularFile).count();
        }
    }
}
