package dev.vmext.server.seal;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.ca.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The CMS EnvelopedData that public handlers decrypt with {@code openssl}: one recipient named by issuer and serial number, RSA
 * PKCS#1 v1.5 key transport, AES-256-CBC. Nothing stronger would be understood by them. Immutable.
 */
final class SettingsEnvelope {
    private static final int MIN_KEY_BITS = 2048;
    private static final int MAX_KEY_BITS = 8192;

    private final X509Certificate certificate;

    private SettingsEnvelope(X509Certificate certificate) {
        this.certificate = certificate;
    }

    /** Reads a machine's settings certificate; refuses one that handlers could not use. */
    static SettingsEnvelope forCertificate(String pem) {
        byte[] der = Pem.read("CERTIFICATE", pem.getBytes(StandardCharsets.UTF_8))
                .orElseThrow(() -> refused("it is not a PEM certificate", null));
        try {
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            if (!(certificate.getPublicKey() instanceof RSAPublicKey rsa)
                    || rsa.getModulus().bitLength() < MIN_KEY_BITS
                    || rsa.getModulus().bitLength() > MAX_KEY_BITS) {
                throw refused("its key is not RSA of " + MIN_KEY_BITS + " to " + MAX_KEY_BITS + " bits", null);
            }
            return new SettingsEnvelope(certificate);
        } catch (CertificateException e) {
            throw refused("it cannot be read", e);
        }
    }

    /** SHA-1 of the certificate, upper-case hex: the name under which handlers find certificate and key. */
    String thumbprint() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest(certificate.getEncoded());
            return HexFormat.of().withUpperCase().formatHex(hash);
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("every Java runtime has SHA-1", e);
        }
    }

    /** DER. */
    byte[] encrypt(byte[] clear, SecureRandom random) {
        try {
            // No provider is registered: the runtime's own ciphers do the work, Bouncy Castle writes the structure.
            CMSEnvelopedDataGenerator generator = new CMSEnvelopedDataGenerator();
            generator.addRecipientInfoGenerator(new JceKeyTransRecipientInfoGenerator(certificate));
            return generator
                    .generate(
                            new CMSProcessableByteArray(clear),
                            new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_CBC)
                                    .setSecureRandom(random)
                                    .build())
                    .toASN1Structure()
                    .getEncoded(ASN1Encoding.DER);
        } catch (CMSException | IOException | CertificateEncodingException e) {
            throw new IllegalStateException("cannot encrypt for " + certificate.getSubjectX500Principal(), e);
        }
    }

    private static ProblemException refused(String why, @Nullable Throwable cause) {
        return new ProblemException(
                ProblemCode.CERTIFICATE_REQUEST_INVALID,
                "cannot use the machine's settings certificate: " + why,
                "publish an X.509 certificate in PEM for an RSA key of 2048 bits",
                cause);
    }
}
