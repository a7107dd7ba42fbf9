package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.RepositoryAccess;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryWrite;
import dev.vmext.server.json.StrictJson;
import dev.vmext.server.repository.Restic;
import dev.vmext.server.repository.ResticProgram;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup repositories as the real restic sees them, over TLS with a machine's certificate, and as root on that machine may try them. */
class RepositoryIT {
    private static final byte[] NOISE = "not what is there".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private GatewayFixture plane;
    private BackingUp web1;
    private Path source;

    @BeforeEach
    void start() throws Exception {
        Files.createDirectory(folder.resolve("home"));
        plane = BackingUp.gateway(folder.resolve("home"));
        plane.publishBackup();
        web1 = BackingUp.enrol(plane, "web1", "backup", Map.of(), folder.resolve("web1"));
        source = folder.resolve("source");
        Files.createDirectories(source.resolve("deep/er"));
        byte[] noise = new byte[3 << 20];
        new Random(1).nextBytes(noise);
        Files.write(source.resolve("noise"), noise);
        Files.writeString(source.resolve("deep/er/secret"), "words");
        Files.setPosixFilePermissions(source.resolve("deep/er/secret"), PosixFilePermissions.fromString("r--------"));
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    private void backUp() throws Exception {
        BackingUp.Said made = web1.restic("init");
        assertThat(made.exit()).as(made.all()).isZero();
        BackingUp.Said said = web1.restic("backup", source.toString());
        assertThat(said.exit()).as(said.all()).isZero();
    }

    private Path repository() {
        return folder.resolve("home/repositories/" + web1.place());
    }

    /** Every file of the repository but locks, with its content. */
    private Map<String, Digest> kept() throws IOException {
        Map<String, Digest> kept = new TreeMap<>();
        try (Stream<Path> all = Files.walk(repository())) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = repository().relativize(file).toString();
                if (!name.startsWith("locks/") && !name.startsWith(".uploaded/")) {
                    kept.put(name, Digest.of(Files.readAllBytes(file)));
                }
            }
        }
        return kept;
    }

    /** As the address has it: the level of two digits is the disk's own. */
    private static String address(String file) {
        return file.replaceFirst("^data/../", "data/");
    }

    private HttpResponse<byte[]> asRoot(String method, String path, byte @Nullable [] body, String... headers)
            throws Exception {
        return web1.send(method, path, body, headers);
    }

    @Test
    void whatResticBacksUpComesBackAndTheServersResticReadsTheSameFolder() throws Exception {
        backUp();
        Files.writeString(source.resolve("later"), "more");
        assertThat(web1.restic("backup", source.toString()).exit()).isZero();

        BackingUp.Said restored = web1.restic(
                "restore", "latest", "--target", folder.resolve("back").toString());
        assertThat(restored.exit()).as(restored.all()).isZero();
        Path back = folder.resolve("back" + source);
        assertThat(Files.readAllBytes(back.resolve("noise"))).isEqualTo(Files.readAllBytes(source.resolve("noise")));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(back.resolve("deep/er/secret"))))
                .isEqualTo("r--------");
        assertThat(web1.restic("check", "--read-data").exit()).isZero();

        Restic here = new ResticProgram("/usr/bin:/bin", folder.toString());
        Restic.Place place = new Restic.Place(repository().toString(), web1.password, Map.of());
        assertThat(here.snapshots(place)).hasSize(2);
        here.check(place, 100);
        assertThat(plane.repositories.snapshots(web1.place()).count()).isEqualTo(2);
        assertThat(plane.repositories.bytes(web1.place())).isGreaterThan(3 << 20);
        // All locks are gone, and so are the notes of who brought them.
        assertThat(repository().resolve("locks")).isEmptyDirectory();
        assertThat(repository().resolve(".uploaded")).isEmptyDirectory();
    }

    @Test
    void withRootOnTheMachineNobodyDeletesOrReplacesWhatIsThere() throws Exception {
        backUp();
        Map<String, Digest> before = kept();
        assertThat(before.keySet())
                .anyMatch(name -> name.startsWith("data/"))
                .anyMatch(name -> name.startsWith("index/"))
                .anyMatch(name -> name.startsWith("snapshots/"))
                .anyMatch(name -> name.startsWith("keys/"))
                .contains("config");

        for (String file : before.keySet()) {
            HttpResponse<byte[]> deleted = asRoot("DELETE", web1.path(address(file)), null);
            assertThat(deleted.statusCode()).as("delete " + file).isEqualTo(403);
            assertThat(new String(deleted.body(), StandardCharsets.UTF_8)).contains("repository-append-only");
            HttpResponse<byte[]> replaced = asRoot("POST", web1.path(address(file)), NOISE);
            assertThat(replaced.statusCode()).as("replace " + file).isIn(400, 403);
            assertThat(asRoot("PUT", web1.path(address(file)), NOISE).statusCode())
                    .isEqualTo(405);
        }
        for (String kind : List.of("data/", "index/", "snapshots/", "keys/", "locks/")) {
            assertThat(asRoot("DELETE", web1.path(kind), null).statusCode()).isEqualTo(403);
        }
        assertThat(asRoot("DELETE", web1.path(""), null).statusCode()).isEqualTo(403);
        byte[] key = "{\"a second key\":true}".getBytes(StandardCharsets.UTF_8);
        assertThat(asRoot("POST", web1.path("keys/" + Digest.of(key).hex()), key)
                        .statusCode())
                .isEqualTo(403);
        assertThat(asRoot("POST", web1.path("") + "?create=true", null).statusCode())
                .isEqualTo(200);
        assertThat(kept()).isEqualTo(before);

        Process forget = web1.start(web1.url(web1.place().toString()), web1.password, "forget", "latest");
        // It tries each file for a quarter of an hour; the first answer tells enough.
        while (forget.isAlive() && !web1.said(forget).contains("403")) {
            forget.waitFor(50, TimeUnit.MILLISECONDS);
        }
        assertThat(web1.said(forget)).contains("403");
        forget.destroyForcibly();
        forget.waitFor();
        assertThat(kept()).isEqualTo(before);
        Restic.Place place = new Restic.Place(repository().toString(), web1.password, Map.of());
        new ResticProgram("/usr/bin:/bin", folder.toString()).check(place, 100);
    }

    @Test
    void aLockIsDeletedByWhoBroughtItAndByNobodyElse() throws Exception {
        backUp();
        byte[] lock = "a lock".getBytes(StandardCharsets.UTF_8);
        String mine = web1.path("locks/" + Digest.of(lock).hex());
        assertThat(asRoot("POST", mine, lock).statusCode()).isEqualTo(200);
        byte[] ours = "a lock of the control plane".getBytes(StandardCharsets.UTF_8);
        String name = Digest.of(ours).hex();
        Files.write(repository().resolve("locks").resolve(name), ours);

        assertThat(asRoot("DELETE", web1.path("locks/" + name), null).statusCode())
                .isEqualTo(403);
        assertThat(asRoot("DELETE", mine, null).statusCode()).isEqualTo(200);
        assertThat(asRoot("DELETE", mine, null).statusCode()).isEqualTo(404);
    }

    @Test
    void contentThatIsNotWhatItsNameSaysLeavesNothing() throws Exception {
        backUp();
        Map<String, Digest> before = kept();
        long bytes = plane.repositories.bytes(web1.place());
        HttpResponse<byte[]> wrong = asRoot("POST", web1.path("data/" + "0".repeat(64)), NOISE);

        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(new String(wrong.body(), StandardCharsets.UTF_8)).contains("repository-digest-mismatch");
        assertThat(kept()).isEqualTo(before);
        assertThat(plane.repositories.bytes(web1.place())).isEqualTo(bytes);
        assertThat(folder.resolve("home/repositories/.incoming")).isEmptyDirectory();

        // The same file again is no offence: an answer may have been lost on the way.
        String snapshot = before.keySet().stream()
                .filter(file -> file.startsWith("snapshots/"))
                .findFirst()
                .orElseThrow();
        assertThat(asRoot(
                                "POST",
                                web1.path(snapshot),
                                Files.readAllBytes(repository().resolve(snapshot)))
                        .statusCode())
                .isEqualTo(200);
        assertThat(plane.repositories.bytes(web1.place())).isEqualTo(bytes);
    }

    @Test
    void namesThatWouldLeadElsewhereDoNotExist() throws Exception {
        backUp();
        for (String path : List.of(
                "data/../config",
                "data/..%2f..%2fsecret",
                "%2e%2e/x",
                "data/" + "A".repeat(64),
                "data/" + "0".repeat(63),
                "other/" + "0".repeat(64),
                "snapshots/../../x",
                "data/00/" + "0".repeat(64),
                ".uploaded/" + "0".repeat(64))) {
            for (String method : List.of("GET", "POST", "DELETE")) {
                int status = asRoot(method, web1.path(path), method.equals("POST") ? NOISE : null)
                        .statusCode();
                assertThat(status).as(method + " " + path).isIn(400, 404);
            }
        }
        for (String place : List.of("../" + web1.machineId, web1.machineId + "/..", web1.machineId + "/a%2fb")) {
            assertThat(asRoot("GET", "/v1/repositories/" + place + "/config", null)
                            .statusCode())
                    .as(place)
                    .isIn(400, 404);
        }
    }

    @Test
    void anotherMachineAndOneWithoutABackupSeeNothing() throws Exception {
        backUp();
        BackingUp web2 = BackingUp.enrol(plane, "web2", "backup", Map.of(), folder.resolve("web2"));

        HttpResponse<byte[]> foreign = web2.send("GET", web1.path("config"), null);
        assertThat(foreign.statusCode()).isEqualTo(404);
        assertThat(web2.send("POST", web1.path("") + "?create=true", null).statusCode())
                .isEqualTo(404);
        BackingUp.Said said = web2.resticOf(web1.url(web1.place().toString()), web1.password, "snapshots");
        assertThat(said.exit()).isNotZero();
        assertThat(plane.stranger().get(web1.path("config")).statusCode()).isEqualTo(401);

        plane.fleet.deleteInstallation(GatewayFixture.ADMIN, GatewayFixture.PROJECT, "web1", "backup");
        assertThat(asRoot("GET", web1.path("config"), null).statusCode()).isEqualTo(404);
    }

    @Test
    void aMachineThatRestoresReadsAndWritesNothing() throws Exception {
        backUp();
        Map<String, Digest> before = kept();
        Map<String, Object> from = Map.of("from", Map.of("machine", "web1", "installation", "backup"));
        BackingUp web2 = BackingUp.enrol(plane, "web2", "restore-1", from, folder.resolve("web2"));
        assertThat(plane.fleet.repositoryAccess(web2.machineId, web1.machineId, "backup"))
                .isEqualTo(RepositoryAccess.READ);

        BackingUp.Said restored = web2.resticOf(
                web1.url(web1.place().toString()),
                web1.password,
                "restore",
                "latest",
                "--target",
                folder.resolve("there").toString());
        assertThat(restored.exit()).as(restored.all()).isZero();
        assertThat(Files.readAllBytes(folder.resolve("there" + source + "/noise")))
                .isEqualTo(Files.readAllBytes(source.resolve("noise")));
        byte[] pack = "a pack".getBytes(StandardCharsets.UTF_8);
        assertThat(web2.send("POST", web1.path("data/" + Digest.of(pack).hex()), pack)
                        .statusCode())
                .isEqualTo(403);
        assertThat(kept()).isEqualTo(before);

        plane.fleet.deleteInstallation(GatewayFixture.ADMIN, GatewayFixture.PROJECT, "web2", "restore-1");
        assertThat(plane.fleet.repositoryAccess(web2.machineId, web1.machineId, "backup"))
                .isEqualTo(RepositoryAccess.NONE);
    }

    @Test
    void theQuotaHoldsAndIsTold() throws Exception {
        backUp();
        plane.fleet.writeRepository(
                GatewayFixture.ADMIN,
                GatewayFixture.PROJECT,
                "web1",
                "backup",
                new RepositoryWrite(
                        StrictJson.read("{\"quotaMiB\": 4}".getBytes(StandardCharsets.UTF_8), RepositoryPolicy.class),
                        null));
        byte[] large = new byte[2 << 20];
        HttpResponse<byte[]> refused =
                asRoot("POST", web1.path("data/" + Digest.of(large).hex()), large);

        assertThat(refused.statusCode()).isEqualTo(507);
        assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("repository-full", "quota");
        assertThat(plane.repositories.refusedForSpace(web1.place())).isPresent();
        assertThat(plane.repositories.bytes(web1.place())).isLessThan(4 << 20);
        // What is small still fits, and says so.
        byte[] small = {1};
        assertThat(asRoot("POST", web1.path("data/" + Digest.of(small).hex()), small)
                        .statusCode())
                .isEqualTo(200);
        assertThat(plane.repositories.refusedForSpace(web1.place())).isEmpty();
    }

    @Test
    void listsAndRangesAreThoseOfTheProtocol() throws Exception {
        backUp();
        HttpResponse<byte[]> sizes =
                asRoot("GET", web1.path("data/"), null, "Accept", "application/vnd.x.restic.rest.v2");
        HttpResponse<byte[]> names = asRoot("GET", web1.path("data/"), null);
        assertThat(sizes.headers().firstValue("Content-Type")).contains("application/vnd.x.restic.rest.v2");
        assertThat(names.headers().firstValue("Content-Type")).contains("application/vnd.x.restic.rest.v1");
        var first = StrictJson.tree(sizes.body()).get(0);
        assertThat(StrictJson.tree(names.body()).get(0).asText())
                .isEqualTo(first.path("name").asText());
        String pack = web1.path("data/" + first.path("name").asText());
        HttpResponse<byte[]> part = asRoot("GET", pack, null, "Range", "bytes=10-19");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).hasSize(10);
        HttpResponse<byte[]> head = asRoot("HEAD", pack, null);
        assertThat(head.headers().firstValueAsLong("Content-Length"))
                .hasValue(first.path("size").asLong());
        assertThat(asRoot("GET", web1.path("data/" + "0".repeat(64)), null).statusCode())
                .isEqualTo(404);
    }
}
