package dev.vmext.agent.train;

import dev.vmext.agent.seal.DerReader;
import dev.vmext.agent.seal.DerWriter;
import dev.vmext.agent.seal.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** An authority that lives as long as this object: one server certificate for 127.0.0.1, and certificates for machines. Immutable. */
public final class LoopbackAuthority {
    private static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;
    private static final int URI_NAME = 0x86;
    private static final int IP_NAME = 0x87;
    private static final Duration LIFE = Duration.ofDays(30);

    private final KeyPair pair;
    private final X509Certificate certificate;
    private final KeyPair serverPair;
    private final X509Certificate serverCertificate;
    private final Instant now;
    private final SecureRandom random;

    public LoopbackAuthority(Instant now, SecureRandom random) throws GeneralSecurityException {
        this.now = now;
        this.random = random;
        this.pair = newPair();
        byte[] isAuthority =
                extension("2.5.29.19", DerWriter.sequence(DerWriter.tagged(0x01, new byte[] {(byte) 0xff})), true);
        this.certificate = issue(pair.getPublic(), "loopback authority", isAuthority);
        this.serverPair = newPair();
        byte[] names = DerWriter.sequence(DerWriter.tagged(IP_NAME, new byte[] {127, 0, 0, 1}));
        this.serverCertificate = issue(serverPair.getPublic(), "loopback", extension("2.5.29.17", names, false));
    }

    private static KeyPair newPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static byte[] extension(String oid, byte[] value, boolean critical) {
        byte[] flag = critical ? DerWriter.tagged(0x01, new byte[] {(byte) 0xff}) : new byte[0];
        return DerWriter.sequence(DerWriter.oid(oid), flag, DerWriter.octetString(value));
    }

    private X509Certificate issue(PublicKey key, String name, byte[] extension) throws GeneralSecurityException {
        byte[] algorithm = DerWriter.sequence(DerWriter.oid(ECDSA_WITH_SHA256));
        byte[] toBeSigned = DerWriter.sequence(
                DerWriter.tagged(0xa0, DerWriter.integer(BigInteger.TWO)),
                DerWriter.integer(new BigInteger(100, random).setBit(100)),
                algorithm,
                DerWriter.name("loopback authority"),
                DerWriter.sequence(DerWriter.time(now.minus(Duration.ofHours(1))), DerWriter.time(now.plus(LIFE))),
                DerWriter.name(name),
                key.getEncoded(),
                DerWriter.tagged(0xa3, DerWriter.sequence(extension)));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update(toBeSigned);
        byte[] der = DerWriter.sequence(toBeSigned, algorithm, DerWriter.bitString(signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    /** The certificate of a machine for the key in this request. */
    public String issueMachine(UUID machine, byte[] requestPem) throws IOException, GeneralSecurityException {
        DerReader info = new DerReader(Pem.read("CERTIFICATE REQUEST", requestPem))
                .enter(SEQUENCE)
                .enter(SEQUENCE);
        info.content(INTEGER);
        info.whole();
        PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(info.whole()));
        byte[] names = DerWriter.sequence(
                DerWriter.tagged(URI_NAME, ("urn:vmext:machine:" + machine).getBytes(StandardCharsets.US_ASCII)));
        return Pem.write(
                "CERTIFICATE",
                issue(key, "machine", extension("2.5.29.17", names, false)).getEncoded());
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** Of the gateway. */
    public KeyPair serverPair() {
        return serverPair;
    }

    /** For 127.0.0.1 and no other name. */
    public X509Certificate serverCertificate() {
        return serverCertificate;
    }
}
