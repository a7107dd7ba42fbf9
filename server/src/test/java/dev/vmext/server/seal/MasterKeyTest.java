package dev.vmext.server.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterKeyTest {
    private static final byte[] SECRET = "{\"password\":\"hunter2\"}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] HERE = MasterKey.boundTo("m1", "web");

    @TempDir
    Path home;

    @Test
    void opensAfterARestartWhatItSealedBefore() {
        byte[] sealed = key("master.key").seal(SECRET, HERE);

        assertThat(key("master.key").open(sealed, HERE)).isEqualTo(SECRET);
    }

    @Test
    void isOwnedByTheServerAlone() throws IOException {
        key("master.key");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("keys/master.key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void sealsTheSameSecretDifferentlyEachTime() {
        MasterKey key = key("master.key");

        assertThat(key.seal(SECRET, HERE)).isNotEqualTo(key.seal(SECRET, HERE));
    }

    @Test
    void doesNotOpenWhatBelongsToAnotherInstallation() {
        MasterKey key = key("master.key");
        byte[] sealed = key.seal(SECRET, HERE);

        assertThatThrownBy(() -> key.open(sealed, MasterKey.boundTo("m1", "db")))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void tellsEqualSecretsFromOthersOnlyWithinOneInstallation() {
        MasterKey key = key("master.key");
        String fingerprint = key.fingerprint(SECRET, HERE);

        assertThat(key("master.key").fingerprint(SECRET, HERE)).isEqualTo(fingerprint);
        assertThat(key.fingerprint(new byte[] {1}, HERE)).isNotEqualTo(fingerprint);
        assertThat(key.fingerprint(SECRET, MasterKey.boundTo("m2", "web"))).isNotEqualTo(fingerprint);
        assertThat(key("other.key").fingerprint(SECRET, HERE)).isNotEqualTo(fingerprint);
    }

    @Test
    void doesNotOpenWithAnotherKey() {
        byte[] sealed = key("master.key").seal(SECRET, HERE);

        assertThatThrownBy(() -> key("other.key").open(sealed, HERE)).isInstanceOf(ProblemException.class);
    }

    @Test
    void refusesAKeyFileThatWasCut() throws IOException {
        key("master.key");
        Files.write(home.resolve("keys/master.key"), new byte[7]);

        assertThatThrownBy(() -> key("master.key"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("7 bytes");
    }

    private MasterKey key(String name) {
        return MasterKey.open(home.resolve("keys").resolve(name), new SecureRandom());
    }
}
