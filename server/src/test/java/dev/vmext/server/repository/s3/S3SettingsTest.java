package dev.vmext.server.repository.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3SettingsTest {
    @TempDir
    Path folder;

    private static S3Settings settings(String endpoint, String bucket, String prefix, Optional<Path> credentials) {
        return new S3Settings(S3Settings.endpoint(endpoint), bucket, prefix, "eu-1", true, credentials);
    }

    @Test
    void makesTheAddressThatResticTakes() {
        assertThat(settings("https://s3.example.org/", "backups", "a/b", Optional.empty())
                        .location())
                .isEqualTo("s3:https://s3.example.org/backups/a/b");
        assertThat(settings("http://127.0.0.1:9000", "backups", "", Optional.empty())
                        .location())
                .isEqualTo("s3:http://127.0.0.1:9000/backups");
    }

    @ParameterizedTest
    @CsvSource({
        "endpoint, s3.example.org, backups, p",
        "endpoint, ftp://s3.example.org, backups, p",
        "endpoint, https://s3.example.org/backups, backups, p",
        "endpoint, https://me:secret@s3.example.org, backups, p",
        "endpoint, https://s3 example, backups, p",
        "bucket, https://s3.example.org, Backups, p",
        "bucket, https://s3.example.org, b/c, p",
        "prefix, https://s3.example.org, backups, /p",
        "prefix, https://s3.example.org, backups, p/",
        "prefix, https://s3.example.org, backups, p/../q",
        "prefix, https://s3.example.org, backups, p?q",
    })
    void namesTheKeyThatIsWrong(String key, String endpoint, String bucket, String prefix) {
        ProblemException problem = Objects.requireNonNull(catchThrowableOfType(
                ProblemException.class, () -> settings(endpoint, bucket, prefix, Optional.empty())));

        assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(problem.detail())
                .contains("repositoryStore." + key, "it must be")
                .doesNotContain("secret@");
        assertThat(problem.hint()).contains("repositoryStore." + key + " in server.json");
    }

    @Test
    void readsCredentialsOfAFileThatIsItsOwnersAlone() throws Exception {
        Path file = folder.resolve("s3.credentials");
        S3Settings settings = settings("https://s3.example.org", "backups", "", Optional.of(file));
        assertThat(refused(settings, Map.of()).detail()).contains("cannot read the credentials in " + file);

        Files.writeString(file, "AWS_ACCESS_KEY_ID = me\nAWS_SECRET_ACCESS_KEY=a=b\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(refused(settings, Map.of()).detail()).contains("others than its owner may open it");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(S3Credentials.find(settings, Map.of())).isEqualTo(new S3Credentials("me", "a=b"));
        assertThat(S3Credentials.find(settings, Map.of()).toString()).doesNotContain("a=b");

        Files.writeString(file, "AWS_ACCESS_KEY_ID=me\n");
        assertThat(refused(settings, Map.of("AWS_SECRET_ACCESS_KEY", "of the environment"))
                        .detail())
                .contains("there is no AWS_SECRET_ACCESS_KEY in " + file);
    }

    @Test
    void takesTheEnvironmentWhenNoFileIsNamed() {
        S3Settings settings = settings("https://s3.example.org", "backups", "", Optional.empty());

        assertThat(S3Credentials.find(settings, Map.of("AWS_ACCESS_KEY_ID", "me", "AWS_SECRET_ACCESS_KEY", "word")))
                .isEqualTo(new S3Credentials("me", "word"));
        assertThat(refused(settings, Map.of()).detail())
                .contains("there is no AWS_ACCESS_KEY_ID in the environment of the server");
    }

    private static ProblemException refused(S3Settings settings, Map<String, String> environment) {
        return Objects.requireNonNull(
                catchThrowableOfType(ProblemException.class, () -> S3Credentials.find(settings, environment)));
    }
}
