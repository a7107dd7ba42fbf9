package dev.vmext.server.ca;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.RSAKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;

/**
 * What a service wants a certificate for. Immutable.
 *
 * @param key P-256, P-384, or RSA of 2048 to 8192 bits; who sent the request has its private half
 * @param names DNS names and addresses, in the spelling of {@link ServiceAuthority#canonical}; at least one
 */
public record ServiceRequest(PublicKey key, List<String> names) {
    /** The largest request that is read. */
    public static final int MAX_BYTES = 32 * 1024;

    private static final int MOST_NAMES = 50;

    public ServiceRequest {
        names = List.copyOf(names);
    }

    /** Reads a PKCS#10 request in PEM; refuses it with a {@link ProblemException} that says why. */
    public static ServiceRequest read(byte[] pem) {
        if (pem.length > MAX_BYTES) {
            throw refused("it has more than " + MAX_BYTES + " bytes", null);
        }
        byte[] der = Pem.read("CERTIFICATE REQUEST", pem)
                .orElseThrow(() -> refused("it is not a PEM block CERTIFICATE REQUEST", null));
        try {
            PKCS10CertificationRequest request = new PKCS10CertificationRequest(der);
            PublicKey key = key(request.getSubjectPublicKeyInfo());
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw refused("its signature does not fit its key", null);
            }
            Extensions extensions = request.getRequestedExtensions();
            GeneralNames names = extensions == null
                    ? null
                    : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
            if (names == null || names.getNames().length == 0 || names.getNames().length > MOST_NAMES) {
                throw refused("it has not 1 to " + MOST_NAMES + " names in subjectAltName", null);
            }
            List<String> texts = new ArrayList<>();
            for (GeneralName name : names.getNames()) {
                texts.add(text(name));
            }
            return new ServiceRequest(key, texts.stream().distinct().toList());
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

    private static PublicKey key(SubjectPublicKeyInfo info) throws IOException, GeneralSecurityException {
        AlgorithmIdentifier algorithm = info.getAlgorithm();
        X509EncodedKeySpec encoded = new X509EncodedKeySpec(info.getEncoded());
        if (X9ObjectIdentifiers.id_ecPublicKey.equals(algorithm.getAlgorithm())
                && (SECObjectIdentifiers.secp256r1.equals(algorithm.getParameters())
                        || SECObjectIdentifiers.secp384r1.equals(algorithm.getParameters()))) {
            return KeyFactory.getInstance("EC").generatePublic(encoded);
        }
        if (PKCSObjectIdentifiers.rsaEncryption.equals(algorithm.getAlgorithm())) {
            PublicKey key = KeyFactory.getInstance("RSA").generatePublic(encoded);
            int bits = key instanceof RSAKey rsa ? rsa.getModulus().bitLength() : 0;
            if (bits >= 2048 && bits <= 8192) {
                return key;
            }
        }
        throw refused("its key is not P-256, P-384 or RSA of 2048 to 8192 bits", null);
    }

    private static String text(GeneralName name) throws UnknownHostException {
        return switch (name.getTagNo()) {
            case GeneralName.dNSName -> name.getName().toString().toLowerCase(Locale.ROOT);
            case GeneralName.iPAddress ->
                InetAddress.getByAddress(
                                ASN1OctetString.getInstance(name.getName()).getOctets())
                        .getHostAddress();
            default -> throw refused("it has a name that is no DNS name and no address", null);
        };
    }

    private static ProblemException refused(String why, @Nullable Throwable cause) {
        return new ProblemException(
                ProblemCode.CERTIFICATE_REQUEST_INVALID,
                "cannot issue a certificate: " + why,
                "send a PKCS#10 request, PEM, with the names in subjectAltName, signed with its key",
                cause);
    }
}
