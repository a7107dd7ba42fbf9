package dev.vmext.packageformat.signing;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.trust.PublisherKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigningKeyTest {
    /** RFC 8032 section 7.1, test 1, in the PKCS#8 form of RFC 8410. */
    private static final String RFC_SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

    private static final String RFC_PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    private static final String RFC_SIGNATURE = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

    @TempDir
    Path folder;

    private static String pem(String derHex) {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(derHex)) + "\n-----END PRIVATE KEY-----\n";
    }

    @Test
    void computesThePublicHalfAndSignsAsTheStandardSays() {
        SigningKey key = SigningKey.ofPem(pem("302e020100300506032b657004220420" + RFC_SEED));
        byte[] raw = HexFormat.of().parseHex(RFC_PUBLIC);
        assertThat(key.publicKey().text())
                .isEqualTo("ed25519:" + Base64.getEncoder().encodeToString(raw));
        assertThat(HexFormat.of().formatHex(key.sign(new byte[0]))).isEqualTo(RFC_SIGNATURE);
    }

    @Test
    void surviveTheFile() {
        SigningKey key = SigningKey.generate(new SecureRandom());
        SigningKeyFile.write(folder.resolve("key.pem"), key);
        SigningKey read = SigningKeyFile.read(folder.resolve("key.pem"));
        assertThat(read.publicKey()).isEqualTo(key.publicKey());
        byte[] message = "hello".getBytes(StandardCharsets.UTF_8);
        assertThat(key.publicKey().verifies(message, read.sign(message))).isTrue();
    }

    @Test
    void theFileIsForItsOwnerOnly() throws IOException {
        Path file = folder.resolve("key.pem");
        SigningKeyFile.write(file, SigningKey.generate(new SecureRandom()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(file).content().startsWith("-----BEGIN PRIVATE KEY-----\n").endsWith("-----END PRIVATE KEY-----\n");
    }

    @Test
    void neverReplacesAKey() {
        Path file = folder.resolve("key.pem");
        SigningKey first = SigningKey.generate(new SecureRandom());
        SigningKeyFile.write(file, first);
        refused(PackageProblem.FILE_FAILED, () -> SigningKeyFile.write(file, SigningKey.generate(new SecureRandom())));
        assertThat(SigningKeyFile.read(file).publicKey()).isEqualTo(first.publicKey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw----r--", "rw--w----"})
    void refusesAFileThatOthersMayAccess(String permissions) throws IOException {
        Path file = folder.resolve("key.pem");
        SigningKeyFile.write(file, SigningKey.generate(new SecureRandom()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        refused(PackageProblem.UNSAFE_KEY_FILE, () -> SigningKeyFile.read(file));
    }

    @Test
    void refusesAFileThatIsNotThere() {
        var problem = refused(PackageProblem.FILE_FAILED, () -> SigningKeyFile.read(folder.resolve("missing.pem")));
        assertThat(problem).hasMessageContaining("keygen");
    }

    @Test
    void refusesWhatIsNoKey() {
        refused(PackageProblem.MALFORMED_KEY, () -> SigningKey.ofPem(""));
        refused(PackageProblem.MALFORMED_KEY, () -> SigningKey.ofPem(pem("00")));
        // An X25519 key has the same form and another algorithm number.
        refused(
                PackageProblem.MALFORMED_KEY,
                () -> SigningKey.ofPem(pem("302e020100300506032b656e04220420" + RFC_SEED)));
    }

    @Test
    void neverShowsItsSecret() {
        SigningKey key = SigningKey.ofPem(pem("302e020100300506032b657004220420" + RFC_SEED));
        assertThat(key.toString()).isEqualTo("private key of " + key.publicKey().text());
    }

    @Test
    void aKeyHasOneTextForm() {
        String text = SigningKey.generate(new SecureRandom()).publicKey().text();
        assertThat(PublisherKey.of(" " + text + "\n").text()).isEqualTo(text);
        assertThat(PublisherKey.of(text).id()).matches("[0-9a-f]{64}");
        refused(PackageProblem.MALFORMED_KEY, () -> PublisherKey.of(text.replace("=", "")));
        refused(PackageProblem.MALFORMED_KEY, () -> PublisherKey.of(text.substring("ed25519:".length())));
        refused(PackageProblem.MALFORMED_KEY, () -> PublisherKey.of("ed25519:AAAA"));
        refused(PackageProblem.MALFORMED_KEY, () -> PublisherKey.of("ed25519:*"));
    }

    @Test
    void aKeyThatIsNoPointVerifiesNothing() {
        PublisherKey noPoint = PublisherKey.of("ed25519:"
                + Base64.getEncoder().encodeToString(HexFormat.of().parseHex("02" + "00".repeat(31))));
        assertThat(noPoint.verifies(new byte[0], HexFormat.of().parseHex(RFC_SIGNATURE)))
                .isFalse();
    }
}
