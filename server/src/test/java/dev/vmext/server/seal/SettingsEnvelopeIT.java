package dev.vmext.server.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the openssl of this host, which is what public handlers call. */
class SettingsEnvelopeIT {
    @TempDir
    Path folder;

    private String certificate;

    @BeforeEach
    void machineMakesItsSettingsKey() throws Exception {
        openssl(List.of(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                "key.pem",
                "-out",
                "crt.pem",
                "-days",
                "3650",
                "-subj",
                "/CN=vmext settings"));
        certificate = Files.readString(folder.resolve("crt.pem"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cms", "smime"})
    void handlersDecryptIt(String command) throws Exception {
        String secret = "{\"password\":\"p\u00e4ss\",\"n\":[1,2]}\n";
        MasterKeySealer sealer = new MasterKeySealer(
                MasterKey.open(folder.resolve("master.key"), new SecureRandom()), new SecureRandom());
        String cms = sealer.reseal("m1", "web", sealer.seal("m1", "web", secret), certificate)
                .cms();
        Files.write(folder.resolve("sealed.der"), Base64.getDecoder().decode(cms));

        byte[] clear = openssl(List.of(
                command, "-decrypt", "-inform", "DER", "-in", "sealed.der", "-recip", "crt.pem", "-inkey", "key.pem"));

        // White space may follow the JSON text, see the next test.
        assertThat(new String(clear, StandardCharsets.UTF_8).stripTrailing()).isEqualTo(secret.stripTrailing());
    }

    /** Seen with VMAccessForLinux 1.5.25: it found "protectedSettings": "...=" and left it in its log and in its settings file. */
    @Test
    void sealedTextOfAnyLengthEndsAsHandlersRecogniseIt() throws Exception {
        MasterKeySealer sealer = new MasterKeySealer(
                MasterKey.open(folder.resolve("master.key"), new SecureRandom()), new SecureRandom());

        for (int length = 1; length < 700; length += 7) {
            String secret = "{\"password\":\"" + "x".repeat(length) + "\"}";
            assertThat(sealer.reseal("m1", "web", sealer.seal("m1", "web", secret), certificate)
                            .cms())
                    .as("%d characters", length)
                    .endsWith("==");
        }
    }

    @Test
    void usesTheProfileThatHandlersKnow() throws Exception {
        Files.write(
                folder.resolve("sealed.der"),
                SettingsEnvelope.forCertificate(certificate).encrypt(new byte[] {1}, new SecureRandom()));

        String printed = new String(
                openssl(List.of("cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "sealed.der")),
                StandardCharsets.UTF_8);

        assertThat(printed).contains("issuerAndSerialNumber", "rsaEncryption", "aes-256-cbc");
    }

    @Test
    void namesTheCertificateAsHandlersFindIt() throws Exception {
        String printed = new String(
                openssl(List.of("x509", "-in", "crt.pem", "-noout", "-fingerprint", "-sha1")), StandardCharsets.UTF_8);

        assertThat(printed.replace(":", "").toUpperCase(Locale.ROOT))
                .contains(SettingsEnvelope.forCertificate(certificate).thumbprint());
    }

    @Test
    void refusesAKeyThatHandlersCannotUse() throws Exception {
        openssl(List.of(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                "ec.key",
                "-out",
                "ec.pem",
                "-subj",
                "/CN=x"));

        assertThatThrownBy(() -> SettingsEnvelope.forCertificate(Files.readString(folder.resolve("ec.pem"))))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("RSA");
    }

    private byte[] openssl(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("openssl.err").toFile())
                .start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("openssl.err")))
                .isZero();
        return output;
    }
}
