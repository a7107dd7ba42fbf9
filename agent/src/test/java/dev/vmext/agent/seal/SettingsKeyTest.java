package dev.vmext.agent.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.goal.ProtectedSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class SettingsKeyTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final SettingsKey KEY = SettingsKey.generate(new SecureRandom(), NOW);
    private static final SettingsKey OTHER = SettingsKey.generate(new SecureRandom(), NOW);

    /** EnvelopedData as the control plane writes it, made by hand from the specification. */
    private static byte[] sealed(String text, SettingsKey key, boolean aes) throws Exception {
        X509Certificate certificate = certificate(key);
        byte[] contentKey = new byte[aes ? 32 : 24];
        byte[] iv = new byte[aes ? 16 : 8];
        new SecureRandom().nextBytes(contentKey);
        new SecureRandom().nextBytes(iv);
        Cipher transport = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        transport.init(Cipher.ENCRYPT_MODE, certificate.getPublicKey());
        byte[] wrapped = transport.doFinal(contentKey);
        Cipher cipher = Cipher.getInstance(aes ? "AES/CBC/PKCS5Padding" : "DESede/CBC/PKCS5Padding");
        AlgorithmParameterSpec parameters = new IvParameterSpec(iv);
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(contentKey, aes ? "AES" : "DESede"), parameters);
        byte[] encrypted = cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
        byte[] recipient = DerWriter.sequence(
                DerWriter.integer(BigInteger.ZERO),
                DerWriter.sequence(
                        certificate.getIssuerX500Principal().getEncoded(),
                        DerWriter.integer(certificate.getSerialNumber())),
                DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.1"), DerWriter.nothing()),
                DerWriter.octetString(wrapped));
        byte[] enveloped = DerWriter.sequence(
                DerWriter.integer(BigInteger.ZERO),
                DerWriter.set(recipient),
                DerWriter.sequence(
                        DerWriter.oid("1.2.840.113549.1.7.1"),
                        DerWriter.sequence(
                                DerWriter.oid(aes ? "2.16.840.1.101.3.4.1.42" : "1.2.840.113549.3.7"),
                                DerWriter.octetString(iv)),
                        DerWriter.tagged(0x80, encrypted)));
        return DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.7.3"), DerWriter.tagged(0xa0, enveloped));
    }

    private static X509Certificate certificate(SettingsKey key) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(key.certificate()));
    }

    @Test
    void makesACertificateForTenYearsThatItsOwnKeySigned() throws Exception {
        X509Certificate certificate = certificate(KEY);
        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity(Date.from(NOW.plus(Duration.ofDays(3650))));
        assertThat(certificate.getIssuerX500Principal()).isEqualTo(certificate.getSubjectX500Principal());
        assertThat(KEY.thumbprint()).matches("[0-9A-F]{40}");
    }

    @Test
    void opensWhatWasSealedForIt() throws Exception {
        assertThat(new String(Envelope.open(sealed("{\"a\":1}", KEY, true), KEY), StandardCharsets.UTF_8))
                .isEqualTo("{\"a\":1}");
        assertThat(new String(Envelope.open(sealed("{\"a\":1}", KEY, false), KEY), StandardCharsets.UTF_8))
                .isEqualTo("{\"a\":1}");
    }

    @Test
    void refusesWhatWasSealedForAnother() throws Exception {
        byte[] sealed = sealed("{}", OTHER, true);
        assertThatThrownBy(() -> Envelope.open(sealed, KEY)).isInstanceOf(IOException.class);
    }

    @Test
    void nothingButAnIoExceptionComesOfDamagedBytes() throws Exception {
        byte[] sealed = sealed("{\"a\":\"0123456789\"}", KEY, true);
        for (int i = 0; i < sealed.length; i++) {
            byte[] cut = Arrays.copyOf(sealed, i);
            assertThatThrownBy(() -> Envelope.open(cut, KEY)).isInstanceOf(IOException.class);
            byte[] changed = sealed.clone();
            changed[i] ^= (byte) 0x55;
            try {
                byte[] opened = Envelope.open(changed, KEY);
                assertThat(opened).isNotNull(); // issuer, serial number and padding are not protected by CMS
            } catch (IOException expected) {
                assertThat(expected).hasMessage(expected.getMessage());
            }
        }
    }

    @Test
    void takesEverySecretOutOfATextTheLongestFirst() throws Exception {
        Secrets secrets = new Secrets();
        secrets.opensWith(KEY);
        String cms = Base64.getEncoder()
                .encodeToString(sealed(
                        "{\"password\":\"hunter2\",\"long\":[\"hunter2-and-more\"],\"pin\":4711,\"short\":\"ab\","
                                + "\"key\":\"first line\\nsecond line\"}",
                        KEY,
                        true));
        assertThat(secrets.open(new ProtectedSettings(KEY.thumbprint(), cms)).keySet())
                .hasToString("[password, long, pin, short, key]");
        assertThat(secrets.redact("x hunter2-and-more y hunter2 4711 ab, second line, end"))
                .isEqualTo("x [redacted] y [redacted] [redacted] ab, [redacted], end");
    }

    @Test
    void saysForWhichKeySettingsWereSealed() {
        Secrets secrets = new Secrets();
        secrets.opensWith(KEY);
        assertThatThrownBy(() -> secrets.open(new ProtectedSettings(OTHER.thumbprint(), "AAAA")))
                .hasMessageContaining(OTHER.thumbprint())
                .hasMessageContaining(KEY.thumbprint());
    }
}
