package dev.vmext.agent.seal;

import dev.vmext.protocol.goal.ProtectedSettings;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals protected settings as a control plane does (azure-contract 1.7), for rehearsals on a machine that has none. The same profile
 * that {@link Envelope} opens. Pure but for chance.
 */
public final class EnvelopeWriter {
    private static final int CONTEXT_0 = 0xa0;
    private static final int IMPLICIT_0 = 0x80;

    private EnvelopeWriter() {}

    public static ProtectedSettings seal(String json, SettingsKey key, SecureRandom random) {
        try {
            byte[] contentKey = new byte[32];
            byte[] iv = new byte[16];
            random.nextBytes(contentKey);
            random.nextBytes(iv);
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(key.certificate()));
            Cipher transport = Cipher.getInstance("RSA/ECB/PKCS1Padding");
            transport.init(Cipher.ENCRYPT_MODE, certificate.getPublicKey());
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(contentKey, "AES"), new IvParameterSpec(iv));
            byte[] recipient = DerWriter.sequence(
                    DerWriter.integer(BigInteger.ZERO),
                    DerWriter.sequence(
                            certificate.getIssuerX500Principal().getEncoded(),
                            DerWriter.integer(certificate.getSerialNumber())),
                    DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.1"), DerWriter.nothing()),
                    DerWriter.octetString(transport.doFinal(contentKey)));
            byte[] content = DerWriter.sequence(
                    DerWriter.oid("1.2.840.113549.1.7.1"),
                    DerWriter.sequence(DerWriter.oid("2.16.840.1.101.3.4.1.42"), DerWriter.octetString(iv)),
                    DerWriter.tagged(IMPLICIT_0, cipher.doFinal(json.getBytes(StandardCharsets.UTF_8))));
            byte[] enveloped =
                    DerWriter.sequence(DerWriter.integer(BigInteger.ZERO), DerWriter.set(recipient), content);
            byte[] whole =
                    DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.7.3"), DerWriter.tagged(CONTEXT_0, enveloped));
            return new ProtectedSettings(key.thumbprint(), Base64.getEncoder().encodeToString(whole));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has RSA and AES", e);
        }
    }
}
