package dev.vmext.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.repository.s3.S3Settings;
import dev.vmext.testkit.S3Server;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose repositories lie in a store: how it starts, and when it does not. */
class RepositoryStoreIT {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY);

    @TempDir
    Path folder;

    /** Knows the token whose file the first start made. */
    private final InMemoryFleetStore fleet = new InMemoryFleetStore();

    private static Optional<S3Settings> store(URI endpoint, String bucket) {
        return Optional.of(new S3Settings(endpoint, bucket, "vmext", "us-east-1", true, Optional.empty()));
    }

    private ProblemException refused(Optional<S3Settings> store, Map<String, String> environment) {
        return Objects.requireNonNull(catchThrowableOfType(
                ProblemException.class, () -> new TestServer(folder, fleet, store, environment).close()));
    }

    private void noFileHoldsTheSecret() throws Exception {
        try (Stream<Path> all = Files.walk(folder.resolve("home"))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(S3Server.SECRET_KEY);
            }
        }
    }

    @Test
    void itStartsWithTheStoreAndThenNotWithoutItAndNotWithAnother() throws Exception {
        Files.createDirectory(folder.resolve("store"));
        try (S3Server s3 = S3Server.start(folder.resolve("store"), "backups", "others")) {
            assertThat(refused(store(s3.endpoint(), "nowhere"), ENVIRONMENT).detail())
                    .contains("there is no bucket \"nowhere\"");
            assertThat(refused(store(s3.endpoint(), "backups"), Map.of()).detail())
                    .contains("there is no AWS_ACCESS_KEY_ID in the environment");

            Optional<S3Settings> store = store(s3.endpoint(), "backups");
            try (TestServer server = new TestServer(folder, fleet, store, ENVIRONMENT)) {
                assertThat(server.get("/v1/status").status()).isEqualTo(200);
            }
            noFileHoldsTheSecret();
            try (TestServer again = new TestServer(folder, fleet, store, ENVIRONMENT)) {
                assertThat(again.get("/v1/status").status()).isEqualTo(200);
            }

            assertThat(refused(Optional.empty(), ENVIRONMENT).detail())
                    .contains("repositories lie in s3:" + s3.endpoint() + "/backups/vmext");
            assertThat(refused(store(s3.endpoint(), "others"), ENVIRONMENT).detail())
                    .contains("server.json says s3:" + s3.endpoint() + "/others/vmext");
        }
    }
}
