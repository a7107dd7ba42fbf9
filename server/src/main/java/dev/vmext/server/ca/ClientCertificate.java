package dev.vmext.server.ca;

import dev.vmext.protocol.Digest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * What a machine's certificate says.
 *
 * @param serial lower-case hex, what revocation goes by
 * @param keyDigest of the public key's SubjectPublicKeyInfo
 */
public record ClientCertificate(
        UUID machine, String serial, Digest keyDigest, Instant notBefore, Instant notAfter, X509Certificate x509) {
    static final String URN = "urn:vmext:machine:";
    private static final int SAN_URI = 6;

    public ClientCertificate {
        Objects.requireNonNull(machine);
        Objects.requireNonNull(serial);
        Objects.requireNonNull(keyDigest);
        Objects.requireNonNull(notBefore);
        Objects.requireNonNull(notAfter);
        Objects.requireNonNull(x509);
    }

    /** Reads the names; does not check who signed it. Empty for a certificate that names no machine. */
    public static Optional<ClientCertificate> read(X509Certificate certificate) {
        try {
            var names = certificate.getSubjectAlternativeNames();
            if (names == null || names.size() != 1) {
                return Optional.empty();
            }
            List<?> name = names.iterator().next();
            if (!Objects.equals(name.get(0), SAN_URI) || !(name.get(1) instanceof String uri) || !uri.startsWith(URN)) {
                return Optional.empty();
            }
            String id = uri.substring(URN.length());
            UUID machine = UUID.fromString(id);
            if (!machine.toString().equals(id)) {
                return Optional.empty();
            }
            return Optional.of(new ClientCertificate(
                    machine,
                    certificate.getSerialNumber().toString(16),
                    Digest.of(certificate.getPublicKey().getEncoded()),
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant(),
                    certificate));
        } catch (CertificateParsingException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public String pem() {
        try {
            return Pem.write("CERTIFICATE", x509.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate has its encoding", e);
        }
    }
}
