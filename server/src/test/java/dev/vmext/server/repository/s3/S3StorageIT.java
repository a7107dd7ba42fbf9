package dev.vmext.server.repository.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.repository.RepositoryPlace;
import dev.vmext.server.repository.RepositoryStorage;
import dev.vmext.server.repository.RepositoryStorageContract;
import dev.vmext.testkit.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The storage on a real S3 store, which refuses to overwrite by itself; and on one of which it does not believe that. */
class S3StorageIT {
    private static final S3Credentials CREDENTIALS = S3ByHand.CREDENTIALS;

    @TempDir
    static Path shared;

    private static S3Server server;

    @BeforeAll
    static void start() throws IOException {
        server = S3Server.start(shared, "backups");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static S3Settings settings(URI endpoint, String bucket) {
        return new S3Settings(endpoint, bucket, "vmext/of-all", "us-east-1", true, Optional.empty());
    }

    private static void put(Path folder, RepositoryPlace place, String path, String content) throws IOException {
        Path files = Files.createTempDirectory(folder, "by-hand");
        Path file = files.resolve(path);
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, content);
        S3ByHand.put(server, "backups", "vmext/of-all/" + place, files);
    }

    @Nested
    class OnAStoreThatRefuses extends RepositoryStorageContract {
        @Override
        protected RepositoryStorage storage(Path folder, Path incoming) throws Exception {
            return S3Storage.open(
                    settings(server.endpoint(), "backups"),
                    CREDENTIALS,
                    incoming,
                    RepositoryStorageContract::fresh,
                    () -> {});
        }

        @Override
        protected void putByHand(Path folder, RepositoryPlace place, String path, String content) throws Exception {
            put(folder, place, path, content);
        }
    }

    @Nested
    class LookingFirst extends RepositoryStorageContract {
        @Override
        protected RepositoryStorage storage(Path folder, Path incoming) {
            return S3Storage.looking(
                    settings(server.endpoint(), "backups"), CREDENTIALS, incoming, RepositoryStorageContract::fresh);
        }

        @Override
        protected void putByHand(Path folder, RepositoryPlace place, String path, String content) throws Exception {
            put(folder, place, path, content);
        }
    }

    @TempDir
    Path folder;

    private final List<String> reached = new ArrayList<>();

    private void open(URI endpoint, String bucket, S3Credentials credentials) throws IOException {
        S3Storage.open(
                        settings(endpoint, bucket),
                        credentials,
                        folder.resolve("incoming"),
                        () -> "fresh",
                        () -> reached.add(bucket))
                .close();
    }

    private ProblemException refused(String bucket, S3Credentials credentials) {
        return Objects.requireNonNull(
                catchThrowableOfType(ProblemException.class, () -> open(server.endpoint(), bucket, credentials)));
    }

    @Test
    void theTrialFindsThatTheStoreRefusesToOverwriteAndLeavesNothing() throws Exception {
        S3Settings settings = settings(server.endpoint(), "backups");
        try (S3Store store = new S3Store(settings, CREDENTIALS)) {
            assertThat(new S3Trial(store, settings).run(folder.resolve("fresh")))
                    .isTrue();
            assertThat(store.hasAny("vmext/of-all/.trial/")).isFalse();
        }
        assertThat(folder.resolve("fresh")).doesNotExist();
    }

    @Test
    void aBucketThatIsNotThereAndWrongCredentialsAreToldAtStart() {
        ProblemException bucket = refused("elsewhere", CREDENTIALS);
        assertThat(bucket.code()).isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(bucket.detail()).contains("s3:http://127.0.0.1", "there is no bucket \"elsewhere\"");
        assertThat(bucket.hint()).contains("repositoryStore.bucket in server.json");

        ProblemException secret = refused("backups", new S3Credentials(S3Server.ACCESS_KEY, "another"));
        assertThat(secret.detail()).contains("the store says 403");
        assertThat(secret.hint()).contains("Correct the credentials in the environment of the server");
        assertThat(secret.detail() + secret.hint()).doesNotContain("another");
        assertThat(refused("backups", new S3Credentials("nobody", S3Server.SECRET_KEY))
                        .detail())
                .contains("the store says 403");
        assertThat(reached).isEmpty();
    }

    @Test
    void aStoreThatDoesNotAnswerKeepsNobodyFromStarting() throws Exception {
        open(URI.create("http://127.0.0.1:1"), "backups", CREDENTIALS);
        assertThat(reached).isEmpty();

        open(server.endpoint(), "backups", CREDENTIALS);
        assertThat(reached).containsExactly("backups");
    }
}
