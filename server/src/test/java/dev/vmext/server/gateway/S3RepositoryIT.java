package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.api.RepositoryWrite;
import dev.vmext.server.json.StrictJson;
import dev.vmext.server.repository.RepositoryFiles;
import dev.vmext.server.repository.RepositoryKeeper;
import dev.vmext.server.repository.RepositoryWork;
import dev.vmext.server.repository.ResticProgram;
import dev.vmext.server.repository.s3.S3Credentials;
import dev.vmext.server.repository.s3.S3Settings;
import dev.vmext.server.repository.s3.S3Storage;
import dev.vmext.testkit.S3Server;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repositories in a real S3 store: machines bring their backups through the gateway, and the control plane's restic works in the store. */
class S3RepositoryIT {
    @TempDir
    static Path shared;

    private static S3Server server;

    @TempDir
    Path folder;

    private GatewayFixture plane;
    private BackingUp web1;
    private Path source;
    private RepositoryKeeper keeper;
    private String prefix;

    @BeforeAll
    static void startStore() throws IOException {
        server = S3Server.start(shared, "backups", "vault");
    }

    @AfterAll
    static void stopStore() {
        server.close();
    }

    private static String fresh() {
        return UUID.randomUUID().toString();
    }

    @BeforeEach
    void start() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        Path incoming = home.resolve("repositories/.incoming");
        prefix = "of-" + fresh();
        S3Storage storage = S3Storage.open(
                new S3Settings(server.endpoint(), "backups", prefix, "us-east-1", true, Optional.empty()),
                new S3Credentials(S3Server.ACCESS_KEY, S3Server.SECRET_KEY),
                incoming,
                S3RepositoryIT::fresh,
                () -> {});
        RepositoryFiles files = RepositoryFiles.open(storage, incoming, 0, S3RepositoryIT::fresh);
        plane = new GatewayFixture(home, new InMemoryFleetStore(), GatewayLimits.DEFAULTS, BackingUp.now(), 0, files);
        plane.publishBackup();
        web1 = BackingUp.enrol(plane, "web1", "backup", Map.of(), folder.resolve("web1"));
        source = Files.createDirectory(folder.resolve("source"));
        byte[] noise = new byte[3 << 20];
        new Random(1).nextBytes(noise);
        Files.write(source.resolve("noise"), noise);
        keeper = new RepositoryKeeper(
                plane.fleet,
                files,
                new ResticProgram("/usr/bin:/bin", folder.toString()),
                new RepositoryKeeper.Folders(home, Files.createDirectory(home.resolve("proofs")), home.resolve("run")),
                InstantSource.system(),
                S3RepositoryIT::fresh,
                Runnable::run);
        keeper.start();
    }

    @AfterEach
    void stop() {
        plane.close();
        plane.repositories.close();
    }

    private void backUp() throws Exception {
        assertGood(web1.restic("init"));
        assertGood(web1.restic("backup", source.toString()));
    }

    private static void assertGood(BackingUp.Said said) {
        assertThat(said.exit()).as(said.all()).isZero();
    }

    private RepositoryView view() {
        return plane.fleet.getRepository(GatewayFixture.PROJECT, "web1", "backup");
    }

    private RepositoryStatus after(RepositoryWork work) {
        keeper.start(GatewayFixture.ADMIN, view(), work);
        return view().status();
    }

    private void policy(String json, Map<String, String> secrets) {
        plane.fleet.writeRepository(
                GatewayFixture.ADMIN,
                GatewayFixture.PROJECT,
                "web1",
                "backup",
                new RepositoryWrite(
                        StrictJson.read(json.getBytes(StandardCharsets.UTF_8), RepositoryPolicy.class), secrets));
    }

    /** Every object of the repository but locks, with its content. */
    private Map<String, Digest> kept() throws IOException {
        Map<String, Digest> kept = new TreeMap<>();
        Path root = server.files("backups").resolve(prefix + "/" + web1.place());
        if (!Files.exists(root)) {
            return kept;
        }
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = root.relativize(file).toString();
                if (!name.startsWith("locks/")) {
                    kept.put(name, Digest.of(Files.readAllBytes(file)));
                }
            }
        }
        return kept;
    }

    @Test
    void aBackupThroughTheGatewayLiesInTheStoreAndTheControlPlaneWorksOnItThere() throws Exception {
        backUp();
        withRootOnTheMachineNobodyDeletesOrReplacesWhatIsThere();
        Files.writeString(source.resolve("later"), "more");
        assertGood(web1.restic("backup", source.toString()));
        assertGood(web1.restic(
                "restore", "latest", "--target", folder.resolve("back").toString()));
        assertThat(Files.mismatch(folder.resolve("back" + source + "/noise"), source.resolve("noise")))
                .isEqualTo(-1);
        assertThat(folder.resolve("home/repositories/.incoming")).isEmptyDirectory();
        keeper.run();
        assertThat(view().status().snapshots()).isEqualTo(2);
        assertThat(view().status().bytes()).isGreaterThan(3 << 20);

        policy(
                "{\"keepLast\": 1, \"keepDaily\": 0, \"keepWeekly\": 0, \"keepMonthly\": 0, \"keepYearly\": 0,"
                        + " \"checkPercent\": 100, \"proofProgram\": \"look\"}",
                Map.of());
        Path look = Files.writeString(
                folder.resolve("home/proofs/look"),
                "#!/bin/sh\ngrep -q more \"$1" + source + "/later\" && echo there\n");
        Files.setPosixFilePermissions(look, PosixFilePermissions.fromString("rwx------"));
        assertThat(Objects.requireNonNull(after(RepositoryWork.PRUNE).lastPrune())
                        .message())
                .isEqualTo("1 of 2 snapshots stay");
        assertThat(view().status().snapshots()).isEqualTo(1);
        assertThat(Objects.requireNonNull(after(RepositoryWork.CHECK).lastCheck())
                        .message())
                .isEqualTo("no errors; 100 % of the data were read");
        assertThat(Objects.requireNonNull(after(RepositoryWork.PROVE).lastProof())
                        .message())
                .isEqualTo("2 files restored; there");

        plane.fleet.deleteInstallation(GatewayFixture.ADMIN, GatewayFixture.PROJECT, "web1", "backup");
        keeper.delete(GatewayFixture.ADMIN, GatewayFixture.PROJECT, web1.machineId, "backup");
        assertThat(kept()).isEmpty();
    }

    private void withRootOnTheMachineNobodyDeletesOrReplacesWhatIsThere() throws Exception {
        Map<String, Digest> before = kept();
        assertThat(before.keySet())
                .contains("config")
                .anyMatch(name -> name.matches("data/../[0-9a-f]{64}"))
                .anyMatch(name -> name.matches("snapshots/[0-9a-f]{64}"));
        byte[] noise = "not what is there".getBytes(StandardCharsets.UTF_8);
        for (String file : before.keySet()) {
            String path = web1.path(file.replaceFirst("^data/../", "data/"));
            assertThat(web1.send("DELETE", path, null).statusCode())
                    .as("delete " + file)
                    .isEqualTo(403);
            assertThat(web1.send("POST", path, noise).statusCode())
                    .as("replace " + file)
                    .isIn(400, 403);
            if (!file.equals("config")) {
                HttpResponse<byte[]> part = web1.send("GET", path, null, "Range", "bytes=10-19");
                assertThat(part.statusCode()).isEqualTo(206);
                assertThat(part.body()).hasSize(10);
            }
        }
        byte[] key = "{\"a second key\":true}".getBytes(StandardCharsets.UTF_8);
        assertThat(web1.send("POST", web1.path("keys/" + Digest.of(key).hex()), key)
                        .statusCode())
                .isEqualTo(403);
        assertThat(kept()).isEqualTo(before);
    }

    @Test
    void theSecondPlaceIsAnotherBucketWithTheSameCredentialsAndNotTheFirst() throws Exception {
        backUp();
        keeper.run();
        String vault = "s3:" + server.endpoint() + "/vault/web1";
        policy(
                "{\"replica\": \"" + vault + "\"}",
                Map.of("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY));
        assertThat(copied()).isEqualTo("all snapshots are there");
        assertThat(server.files("vault").resolve("web1/config")).isRegularFile();

        policy("{}", Map.of("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", "another"));
        assertThat(copied())
                .contains("cannot open two stores with two values of AWS_SECRET_ACCESS_KEY")
                .doesNotContain("another");
        policy("{\"replica\": \"s3:" + server.endpoint() + "/backups/copy\"}", Map.of());
        assertThat(copied()).contains("lies where the first does");
    }

    private String copied() {
        return Objects.requireNonNull(after(RepositoryWork.REPLICATE).lastReplication())
                .message();
    }
}
