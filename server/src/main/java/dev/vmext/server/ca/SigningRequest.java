package dev.vmext.server.ca;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;

/** Reads what a machine sends to get a certificate. Takes one key type, and only from somebody who holds its private half. */
final class SigningRequest {
    private static final int MAX_BYTES = 16 * 1024;

    private SigningRequest() {}

    /** The key of a PKCS#10 request in PEM, once its own signature proves possession. */
    static PublicKey publicKey(byte[] pem) {
        if (pem.length > MAX_BYTES) {
            throw refused("it has " + pem.length + " bytes, more than " + MAX_BYTES, null);
        }
        byte[] der = Pem.read("CERTIFICATE REQUEST", pem)
                .orElseThrow(() -> refused("it is not a PEM block CERTIFICATE REQUEST", null));
        try {
            PKCS10CertificationRequest request = new PKCS10CertificationRequest(der);
            SubjectPublicKeyInfo keyInfo = request.getSubjectPublicKeyInfo();
            AlgorithmIdentifier algorithm = keyInfo.getAlgorithm();
            if (!X9ObjectIdentifiers.id_ecPublicKey.equals(algorithm.getAlgorithm())
                    || !SECObjectIdentifiers.secp256r1.equals(algorithm.getParameters())) {
                throw refused("its key is not on the curve P-256", null);
            }
            PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(keyInfo.getEncoded()));
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw refused("its signature does not fit its key", null);
            }
            return key;
        } catch (IOException
                | GeneralSecurityException
                | PKCSException
                | OperatorCreationException
                | IllegalArgumentException
                | IllegalStateException
                | ClassCastException e) {
            // The ASN.1 reader throws unchecked exceptions for input that is well formed but of another type.
            throw refused("it is not a PKCS#10 request that can be read", e);
        }
    }

    private static ProblemException refused(String why, @Nullable Throwable cause) {
        return new ProblemException(
                ProblemCode.CERTIFICATE_REQUEST_INVALID,
                "cannot issue a certificate: " + why,
                "send a PKCS#10 request for an EC P-256 key, PEM, signed with that key",
                cause);
    }
}
