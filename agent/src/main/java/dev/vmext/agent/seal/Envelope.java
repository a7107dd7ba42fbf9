package dev.vmext.agent.seal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Opens CMS EnvelopedData of exactly the profile that the control plane writes (RFC 5652): one recipient by issuer and serial number,
 * RSA PKCS#1 v1.5 key transport, AES-256-CBC or 3DES content. The agent opens it only to learn which values it must never show.
 */
public final class Envelope {
    private static final byte[] ENVELOPED_DATA = oid("1.2.840.113549.1.7.3");
    private static final byte[] DATA = oid("1.2.840.113549.1.7.1");
    private static final byte[] RSA = oid("1.2.840.113549.1.1.1");
    private static final byte[] AES_256_CBC = oid("2.16.840.1.101.3.4.1.42");
    private static final byte[] DES_EDE3_CBC = oid("1.2.840.113549.3.7");
    private static final int CONTEXT_0 = 0xa0;
    private static final int IMPLICIT_0 = 0x80;

    private Envelope() {}

    /** Throws {@link IOException}, and nothing else, for whatever cannot be opened. */
    public static byte[] open(byte[] der, SettingsKey key) throws IOException {
        DerReader top = new DerReader(der);
        DerReader contentInfo = top.enter(DerWriter.SEQUENCE);
        expect(contentInfo, ENVELOPED_DATA, "EnvelopedData");
        DerReader enveloped = contentInfo.enter(CONTEXT_0).enter(DerWriter.SEQUENCE);
        enveloped.content(DerWriter.INTEGER);
        if (enveloped.peek() == CONTEXT_0) {
            enveloped.whole(); // originator info
        }
        DerReader recipients = enveloped.enter(DerWriter.SET);
        DerReader recipient = recipients.enter(DerWriter.SEQUENCE);
        recipient.content(DerWriter.INTEGER);
        recipient.whole(); // issuer and serial number: whether the key fits is found by trying
        expect(recipient.enter(DerWriter.SEQUENCE), RSA, "RSA key transport");
        byte[] encryptedKey = recipient.content(DerWriter.OCTET_STRING);
        DerReader content = enveloped.enter(DerWriter.SEQUENCE);
        expect(content, DATA, "data");
        DerReader algorithm = content.enter(DerWriter.SEQUENCE);
        byte[] cipherId = algorithm.whole();
        byte[] iv = algorithm.content(DerWriter.OCTET_STRING);
        byte[] encrypted = encrypted(content);
        try {
            Cipher transport = Cipher.getInstance("RSA/ECB/PKCS1Padding");
            transport.init(Cipher.DECRYPT_MODE, key.key());
            byte[] contentKey = transport.doFinal(encryptedKey);
            boolean aes = Arrays.equals(cipherId, AES_256_CBC);
            if (!aes && !Arrays.equals(cipherId, DES_EDE3_CBC)) {
                throw new IOException("the content cipher is " + HexFormat.of().formatHex(cipherId));
            }
            Cipher cipher = Cipher.getInstance(aes ? "AES/CBC/PKCS5Padding" : "DESede/CBC/PKCS5Padding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(contentKey, aes ? "AES" : "DESede"),
                    new IvParameterSpec(iv));
            return cipher.doFinal(encrypted);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("it was not sealed for this machine's settings key", e);
        }
    }

    /** Implicit [0]: one string, or several for writers that cut it. */
    private static byte[] encrypted(DerReader content) throws IOException {
        if (content.peek() == IMPLICIT_0) {
            return content.content(IMPLICIT_0);
        }
        DerReader pieces = content.enter(CONTEXT_0);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (!pieces.atEnd()) {
            all.writeBytes(pieces.content(DerWriter.OCTET_STRING));
        }
        return all.toByteArray();
    }

    private static void expect(DerReader in, byte[] oid, String what) throws IOException {
        if (!Arrays.equals(in.whole(), oid)) {
            throw new IOException("it is no CMS " + what);
        }
    }

    private static byte[] oid(String dotted) {
        return DerWriter.oid(dotted);
    }
}
