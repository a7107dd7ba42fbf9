package dev.vmext.agent.seal;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The machine's key for protected settings: RSA, because public handlers open them with {@code openssl smime}, which cannot use an
 * elliptic curve. Immutable.
 */
public final class SettingsKey {
    private static final Duration LIFE = Duration.ofDays(3653);
    private static final String SHA256_WITH_RSA = "1.2.840.113549.1.1.11";

    private final PrivateKey key;
    private final byte[] certificate;

    /**
     * Joins both halves.
     *
     * @param certificate DER, signed by the key itself
     */
    SettingsKey(PrivateKey key, byte[] certificate) {
        this.key = key;
        this.certificate = certificate.clone();
    }

    public PrivateKey key() {
        return key;
    }

    /** DER. */
    public byte[] certificate() {
        return certificate.clone();
    }

    /** Takes seconds on a slow machine. */
    public static SettingsKey generate(SecureRandom random, Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048, random);
            KeyPair pair = generator.generateKeyPair();
            byte[] algorithm = DerWriter.sequence(DerWriter.oid(SHA256_WITH_RSA), DerWriter.nothing());
            byte[] name = DerWriter.name("vmext settings key");
            byte[] toBeSigned = DerWriter.sequence(
                    DerWriter.tagged(0xa0, DerWriter.integer(BigInteger.TWO)), // version 3
                    DerWriter.integer(new BigInteger(127, random).setBit(126)),
                    algorithm,
                    name,
                    // One hour back: the clocks of the control plane and of this machine need not agree.
                    DerWriter.sequence(DerWriter.time(now.minus(Duration.ofHours(1))), DerWriter.time(now.plus(LIFE))),
                    name,
                    pair.getPublic().getEncoded());
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(pair.getPrivate());
            signature.update(toBeSigned);
            return new SettingsKey(
                    pair.getPrivate(),
                    DerWriter.sequence(toBeSigned, algorithm, DerWriter.bitString(signature.sign())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has RSA", e);
        }
    }

    /** SHA-1 of the certificate, upper-case hex: how the contract names a certificate. */
    public String thumbprint() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(certificate))
                    .toUpperCase(Locale.ROOT);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has SHA-1", e);
        }
    }

    @Override
    public String toString() {
        return "SettingsKey[" + thumbprint() + "]";
    }
}
