package dev.vmext.packageformat.trust;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** A publisher's public Ed25519 key, written {@code ed25519:<base64 of 32 bytes>}. */
public record PublisherKey(String text) {
    private static final String PREFIX = "ed25519:";
    private static final int RAW_LENGTH = 32;
    /** DER of SubjectPublicKeyInfo up to the key itself (RFC 8410). */
    private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");

    public PublisherKey {
        if (!text.startsWith(PREFIX)) {
            throw malformed("it does not start with " + PREFIX);
        }
        byte[] raw;
        try {
            raw = Base64.getDecoder().decode(text.substring(PREFIX.length()));
        } catch (IllegalArgumentException notBase64) {
            throw malformed("what follows " + PREFIX + " is not base64");
        }
        if (raw.length != RAW_LENGTH) {
            throw malformed("it has " + raw.length + " bytes instead of " + RAW_LENGTH);
        }
        // One key has one text and one id: without padding or with stray last bits it would have several.
        if (!text.equals(PREFIX + Base64.getEncoder().encodeToString(raw))) {
            throw malformed("its base64 is not in the normal form");
        }
    }

    public static PublisherKey of(String text) {
        return new PublisherKey(text.strip());
    }

    /** The text form of a JCA Ed25519 key. */
    public static PublisherKey of(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded == null || encoded.length != SPKI.length + RAW_LENGTH || !startsWithSpki(encoded)) {
            throw malformed("it is no Ed25519 key but " + key.getAlgorithm());
        }
        byte[] raw = Arrays.copyOfRange(encoded, SPKI.length, encoded.length);
        return new PublisherKey(PREFIX + Base64.getEncoder().encodeToString(raw));
    }

    private static boolean startsWithSpki(byte[] encoded) {
        return Arrays.equals(encoded, 0, SPKI.length, SPKI, 0, SPKI.length);
    }

    private byte[] raw() {
        return Base64.getDecoder().decode(text.substring(PREFIX.length()));
    }

    /** SHA-256 of the 32 bytes, as hex: how signatures name the key. */
    public String id() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(raw()));
        } catch (NoSuchAlgorithmException everyJavaHasSha256) {
            throw new IllegalStateException(everyJavaHasSha256);
        }
    }

    /** Whether this key made the signature over exactly these bytes. What has the wrong form was simply not made by it. */
    public boolean verifies(byte[] message, byte[] signature) {
        try {
            byte[] raw = raw();
            byte[] encoded = Arrays.copyOf(SPKI, SPKI.length + RAW_LENGTH);
            System.arraycopy(raw, 0, encoded, SPKI.length, RAW_LENGTH);
            PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (NoSuchAlgorithmException everyJavaHasEd25519) {
            throw new IllegalStateException(everyJavaHasEd25519);
        } catch (GeneralSecurityException noKeyOrNoSignature) {
            return false;
        }
    }

    private static PackageException malformed(String why) {
        return new PackageException(
                PackageProblem.MALFORMED_KEY,
                "cannot read public key: " + why,
                "copy the line that \"vmext extension keygen\" printed");
    }

    @Override
    public String toString() {
        return text;
    }
}
