package dev.vmext.agent.link;

import dev.vmext.agent.seal.DerWriter;
import dev.vmext.agent.seal.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;

/** PKCS#10 certificate requests (RFC 2986) for EC P-256 keys. The control plane decides the names, so there are none. Pure. */
final class CertificateRequestWriter {
    private static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";

    private CertificateRequestWriter() {}

    static KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has P-256", e);
        }
    }

    /** Both halves from PEM. */
    static KeyPair readPair(byte[] pem) throws IOException {
        try {
            return new KeyPair(
                    KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(Pem.read("PUBLIC KEY", pem))),
                    Identity.readKey(pem));
        } catch (GeneralSecurityException e) {
            throw new IOException("the key of a certificate request cannot be read: " + e.getMessage(), e);
        }
    }

    static byte[] pem(KeyPair pair) {
        byte[] info = DerWriter.sequence(
                DerWriter.integer(BigInteger.ZERO),
                DerWriter.name("vmext machine"),
                pair.getPublic().getEncoded(),
                DerWriter.tagged(0xa0));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate());
            signature.update(info);
            byte[] der = DerWriter.sequence(
                    info, DerWriter.sequence(DerWriter.oid(ECDSA_WITH_SHA256)), DerWriter.bitString(signature.sign()));
            return Pem.write("CERTIFICATE REQUEST", der).getBytes(StandardCharsets.US_ASCII);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has ECDSA", e);
        }
    }
}
