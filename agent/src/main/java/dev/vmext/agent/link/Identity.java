package dev.vmext.agent.link;

import dev.vmext.agent.seal.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Who this machine is to the control plane: its key and the certificate that names it. Immutable. */
record Identity(UUID machine, PrivateKey key, X509Certificate certificate) {
    private static final String URN = "urn:vmext:machine:";
    private static final int SAN_URI = 6;

    /** At two thirds of the certificate's life it is time for the next one. */
    Instant renewAt() {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        return from.plus(Duration.between(from, until).multipliedBy(2).dividedBy(3));
    }

    /** Key and certificate in one PEM text. */
    byte[] toPem() throws IOException {
        return (keyBlock() + certificateBlock()).getBytes(StandardCharsets.US_ASCII);
    }

    /** Certificate and key in one PEM text, in the order in which other programs want them. */
    byte[] toClientPem() throws IOException {
        return (certificateBlock() + keyBlock()).getBytes(StandardCharsets.US_ASCII);
    }

    private String keyBlock() {
        return Pem.write("PRIVATE KEY", key.getEncoded());
    }

    private String certificateBlock() throws IOException {
        try {
            return Pem.write("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IOException("a parsed certificate has no encoding", e);
        }
    }

    static Identity ofPem(byte[] pem) throws IOException {
        return of(readKey(pem), Pem.read("CERTIFICATE", pem));
    }

    static Identity of(PrivateKey key, byte[] certificateDer) throws IOException {
        X509Certificate certificate = certificate(certificateDer);
        return new Identity(machineOf(certificate), key, certificate);
    }

    static PrivateKey readKey(byte[] pem) throws IOException {
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Pem.read("PRIVATE KEY", pem)));
        } catch (GeneralSecurityException e) {
            throw new IOException("the machine's key cannot be read: " + e.getMessage(), e);
        }
    }

    static X509Certificate certificate(byte[] der) throws IOException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException e) {
            throw new IOException("a certificate cannot be read: " + e.getMessage(), e);
        }
    }

    private static UUID machineOf(X509Certificate certificate) throws IOException {
        try {
            var names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (Integer.valueOf(SAN_URI).equals(name.get(0))
                        && name.get(1) instanceof String uri
                        && uri.startsWith(URN)) {
                    return UUID.fromString(uri.substring(URN.length()));
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("the machine's certificate names no machine", e);
        }
        throw new IOException("the machine's certificate names no machine");
    }

    @Override
    public String toString() {
        return "Identity[" + machine + "]";
    }
}
