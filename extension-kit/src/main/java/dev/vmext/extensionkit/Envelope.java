package dev.vmext.extensionkit;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.x500.X500Principal;

/**
 * Protected settings as they travel: CMS EnvelopedData (RFC 5652) in the one profile of the contract, which is one
 * recipient named by issuer and serial number, RSA with PKCS#1 v1.5, AES-256-CBC or DES-EDE3-CBC. Anything else is refused
 * by name. Immutable.
 */
final class Envelope {
    private static final String ENVELOPED_DATA = "1.2.840.113549.1.7.3";
    private static final String PLAIN_DATA = "1.2.840.113549.1.7.1";
    private static final String RSA = "1.2.840.113549.1.1.1";
    private static final int CONTEXT_0 = 0xa0;

    private final X500Principal issuer;
    private final BigInteger serial;
    private final byte[] encryptedKey;
    private final ContentCipher cipher;
    private final byte[] iv;
    private final byte[] encryptedContent;

    private enum ContentCipher {
        AES_256("2.16.840.1.101.3.4.1.42", "AES/CBC/PKCS5Padding", "AES", 32, 16),
        DES_EDE3("1.2.840.113549.3.7", "DESede/CBC/PKCS5Padding", "DESede", 24, 8);

        private final String oid;
        private final String transformation;
        private final String keyAlgorithm;
        private final int keyBytes;
        private final int blockBytes;

        ContentCipher(String oid, String transformation, String keyAlgorithm, int keyBytes, int blockBytes) {
            this.oid = oid;
            this.transformation = transformation;
            this.keyAlgorithm = keyAlgorithm;
            this.keyBytes = keyBytes;
            this.blockBytes = blockBytes;
        }
    }

    private Envelope(Der recipient, Der contentInfo) {
        if (!recipient
                .child(0, "the recipient's version")
                .integer("the recipient's version")
                .equals(BigInteger.ZERO)) {
            throw new EnvelopeException("the recipient is not named by issuer and serial number");
        }
        Der name = recipient.child(1, "the recipient's name").expect(Der.SEQUENCE, "the recipient's name");
        try {
            this.issuer = new X500Principal(name.child(0, "the issuer").encoded());
        } catch (IllegalArgumentException e) {
            throw new EnvelopeException("the issuer is not a distinguished name", e);
        }
        this.serial = name.child(1, "the serial number").integer("the serial number");
        Der keyAlgorithm = recipient.child(2, "the key algorithm").expect(Der.SEQUENCE, "the key algorithm");
        String keyOid = keyAlgorithm.child(0, "the key algorithm").oid("the key algorithm");
        if (!keyOid.equals(RSA)) {
            throw new EnvelopeException("its key algorithm is " + keyOid + ", not RSA with PKCS#1 v1.5");
        }
        this.encryptedKey = recipient
                .child(3, "the encrypted key")
                .expect(Der.OCTETS, "the encrypted key")
                .content();

        String type = contentInfo.child(0, "the content type").oid("the content type");
        if (!type.equals(PLAIN_DATA)) {
            throw new EnvelopeException("its content type is " + type + ", not plain data");
        }
        Der algorithm = contentInfo.child(1, "the content cipher").expect(Der.SEQUENCE, "the content cipher");
        String oid = algorithm.child(0, "the content cipher").oid("the content cipher");
        this.cipher = Arrays.stream(ContentCipher.values())
                .filter(c -> c.oid.equals(oid))
                .findFirst()
                .orElseThrow(
                        () -> new EnvelopeException("its cipher is " + oid + ", neither AES-256-CBC nor DES-EDE3-CBC"));
        this.iv = algorithm
                .child(1, "the initial vector")
                .expect(Der.OCTETS, "the initial vector")
                .content();
        if (iv.length != cipher.blockBytes) {
            throw new EnvelopeException("the initial vector has " + iv.length + " bytes");
        }
        Der content = contentInfo.child(2, "the encrypted content");
        if ((content.tag() | 0x20) != CONTEXT_0) {
            throw new EnvelopeException("the encrypted content is missing");
        }
        this.encryptedContent = content.octets("the encrypted content");
    }

    static Envelope parse(byte[] bytes) {
        Der root = Der.parse(bytes).expect(Der.SEQUENCE, "the envelope");
        String type = root.child(0, "the type").oid("the type");
        if (!type.equals(ENVELOPED_DATA)) {
            throw new EnvelopeException("it is CMS of type " + type + ", not enveloped data");
        }
        Der enveloped = root.child(1, "the enveloped data")
                .expect(CONTEXT_0, "the enveloped data")
                .child(0, "the enveloped data")
                .expect(Der.SEQUENCE, "the enveloped data");
        int next = 1;
        enveloped.child(0, "the version").integer("the version");
        if (enveloped.child(next, "the recipients").tag() == CONTEXT_0) {
            next++; // originatorInfo, which says nothing about decryption
        }
        Der recipients = enveloped.child(next, "the recipients").expect(Der.SET, "the recipients");
        if (recipients.children().size() != 1) {
            throw new EnvelopeException(
                    "it has " + recipients.children().size() + " recipients instead of exactly one");
        }
        Der recipient = recipients.children().getFirst().expect(Der.SEQUENCE, "the recipient");
        return new Envelope(recipient, enveloped.child(next + 1, "the content").expect(Der.SEQUENCE, "the content"));
    }

    byte[] decrypt(SettingsKey key) {
        if (!issuer.equals(key.certificate().getIssuerX500Principal())
                || !serial.equals(key.certificate().getSerialNumber())) {
            throw new EnvelopeException("it is meant for another certificate");
        }
        try {
            Cipher rsa = Cipher.getInstance("RSA/ECB/PKCS1Padding");
            rsa.init(Cipher.DECRYPT_MODE, key.privateKey());
            byte[] contentKey = rsa.doFinal(encryptedKey);
            if (contentKey.length != cipher.keyBytes) {
                throw new EnvelopeException("the key inside does not fit its cipher");
            }
            Cipher content = Cipher.getInstance(cipher.transformation);
            content.init(
                    Cipher.DECRYPT_MODE, new SecretKeySpec(contentKey, cipher.keyAlgorithm), new IvParameterSpec(iv));
            return content.doFinal(encryptedContent);
        } catch (GeneralSecurityException e) {
            throw new EnvelopeException("the ciphertext does not fit the private key", e);
        }
    }
}
