package dev.vmext.server.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.server.repository.Restic.Place;
import dev.vmext.server.repository.s3.S3ByHand;
import dev.vmext.testkit.ResticRepository;
import dev.vmext.testkit.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The restic of Debian keeps the contract on repositories in an S3 store too, and copies from a folder into one. */
class ResticProgramS3IT extends ResticContract {
    private static final String BUCKET = "backups";

    @TempDir
    static Path shared;

    private static S3Server server;

    private final String prefix = "of-" + UUID.randomUUID();

    @BeforeAll
    static void start() throws IOException {
        server = S3Server.start(shared, BUCKET);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    Place place(String name) {
        return new Place(
                "s3:" + server.endpoint() + "/" + BUCKET + "/" + prefix + "/" + name,
                ResticRepository.PASSWORD,
                Map.of("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY));
    }

    private static String name(Place place) {
        return place.location().replaceFirst("^s3:https?://[^/]*/[^/]*/", "");
    }

    @Override
    Restic restic() {
        return new ResticProgram("/usr/bin:/bin", folder.toString());
    }

    @Override
    void initialise(Place place) throws Exception {
        Path made = Files.createTempDirectory(folder, "made").resolve("repository");
        ResticRepository.writeTo(made);
        S3ByHand.put(server, BUCKET, name(place), made);
    }

    @Override
    void backUp(Place place, Path file, String content) throws Exception {
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, content);
        run(place, "backup", file.toString());
    }

    private static void run(Place place, String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(
                        Stream.of("restic", "--no-cache", "--quiet", "-r", place.location()), Stream.of(arguments))
                .toList());
        builder.environment().putAll(place.environment());
        builder.environment().put("RESTIC_PASSWORD", place.password());
        assertThat(builder.inheritIO().start().waitFor()).isZero();
    }

    /** The store's objects are files of the same layout. */
    @Override
    void damage(Place place) throws Exception {
        try (Stream<Path> data = Files.walk(server.files(BUCKET).resolve(name(place) + "/data"))) {
            for (Path pack : data.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(pack);
                bytes[3] ^= 1;
                Files.write(pack, bytes);
            }
        }
    }

    @Test
    void aFolderIsCopiedIntoTheStore() throws Exception {
        Place first = new Place(folder.resolve("first").toString(), ResticRepository.PASSWORD, Map.of());
        ResticRepository.writeTo(Path.of(first.location()));
        backUp(first, folder.resolve("source/file"), "one");
        Place second = place("second");

        restic().copy(first, second);

        assertThat(restic().snapshots(second))
                .extracting(Restic.Snapshot::mark)
                .containsExactlyElementsOf(restic().snapshots(first).stream()
                        .map(Restic.Snapshot::mark)
                        .toList());
        restic().check(second, 100);
    }
}
