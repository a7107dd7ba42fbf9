package dev.vmext.extensionkit;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.security.auth.x500.X500Principal;

/** Makes a machine's settings key and certificate, and envelopes for it, with nothing but JCA and a few lines of DER. */
final class Envelopes {
    static final byte[] RSA_ALGORITHM = seq(oid("1.2.840.113549.1.1.1"), tlv(0x05));
    static final X500Principal NAME = new X500Principal("CN=vmext settings, O=machine 1");
    static final BigInteger SERIAL = new BigInteger("8f3a5512", 16);

    final KeyPair keys;
    final byte[] certificate;
    final String thumbprint;

    Envelopes() throws Exception {
        this(2048);
    }

    /** @param bits of the key: a short one is quick, where it is not what is tried */
    Envelopes(int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        keys = generator.generateKeyPair();
        byte[] sha256WithRsa = seq(oid("1.2.840.113549.1.1.11"), tlv(0x05));
        byte[] tbs = seq(
                tlv(0xa0, integer(BigInteger.TWO)),
                integer(SERIAL),
                sha256WithRsa,
                NAME.getEncoded(),
                seq(time("20260101000000Z"), time("20360101000000Z")),
                NAME.getEncoded(),
                keys.getPublic().getEncoded());
        Signature signer = Signature.getInstance("SHA256withRSA");
        signer.initSign(keys.getPrivate());
        signer.update(tbs);
        certificate = seq(tbs, sha256WithRsa, tlv(0x03, new byte[] {0}, signer.sign()));
        thumbprint = HexFormat.of()
                .withUpperCase()
                .formatHex(MessageDigest.getInstance("SHA-1").digest(certificate));
    }

    /** Writes the pair of PEM files as an agent does; the key as PKCS#8. */
    void writeTo(Path folder) throws Exception {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(thumbprint + ".crt"), pem("CERTIFICATE", certificate));
        Files.writeString(
                folder.resolve(thumbprint + ".prv"),
                pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
    }

    /** The private key in its older form, which is what stands inside PKCS#8. */
    String pkcs1Pem() {
        Der pkcs8 = Der.parse(keys.getPrivate().getEncoded());
        return pem("RSA PRIVATE KEY", pkcs8.child(2, "key").content());
    }

    byte[] envelope(String text, String cipher) throws Exception {
        boolean aes = cipher.equals("AES");
        KeyGenerator generator = KeyGenerator.getInstance(aes ? "AES" : "DESede");
        generator.init(aes ? 256 : 168);
        SecretKey key = generator.generateKey();
        Cipher content = Cipher.getInstance(cipher + "/CBC/PKCS5Padding");
        content.init(Cipher.ENCRYPT_MODE, key);
        byte[] encrypted = content.doFinal(text.getBytes(StandardCharsets.UTF_8));
        Cipher rsa = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        rsa.init(Cipher.ENCRYPT_MODE, keys.getPublic());
        byte[] algorithm = seq(oid(aes ? "2.16.840.1.101.3.4.1.42" : "1.2.840.113549.3.7"), tlv(0x04, content.getIV()));
        return enveloped(NAME, SERIAL, rsa.doFinal(key.getEncoded()), algorithm, tlv(0x80, encrypted));
    }

    static byte[] enveloped(
            X500Principal issuer, BigInteger serial, byte[] encryptedKey, byte[] algorithm, byte[] content) {
        byte[] recipient = seq(
                integer(BigInteger.ZERO),
                seq(issuer.getEncoded(), integer(serial)),
                RSA_ALGORITHM,
                tlv(0x04, encryptedKey));
        byte[] data = seq(
                integer(BigInteger.ZERO), tlv(0x31, recipient), seq(oid("1.2.840.113549.1.7.1"), algorithm, content));
        return seq(oid("1.2.840.113549.1.7.3"), tlv(0xa0, data));
    }

    SettingsKey key() throws Exception {
        Path folder = Files.createTempDirectory("settings-key");
        try {
            writeTo(folder);
            return SettingsKey.read(folder.resolve(thumbprint + ".crt"), folder.resolve(thumbprint + ".prv"));
        } finally {
            SmallFiles.delete(folder);
        }
    }

    static String pem(String kind, byte[] der) {
        return "Bag Attributes: <none>\n-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(kind, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), kind);
    }

    static byte[] seq(byte[]... parts) {
        return tlv(0x30, parts);
    }

    static byte[] integer(BigInteger value) {
        return tlv(0x02, value.toByteArray());
    }

    private static byte[] time(String text) {
        return tlv(0x18, text.getBytes(StandardCharsets.US_ASCII));
    }

    static byte[] oid(String dotted) {
        List<Long> parts =
                List.of(dotted.split("\\.", -1)).stream().map(Long::valueOf).toList();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write((int) (parts.get(0) * 40 + parts.get(1)));
        for (long part : parts.subList(2, parts.size())) {
            for (int shift = 56; shift > 0; shift -= 7) {
                if (part >> shift > 0) {
                    out.write((int) (((part >> shift) & 0x7f) | 0x80));
                }
            }
            out.write((int) (part & 0x7f));
        }
        return tlv(0x06, out.toByteArray());
    }

    static byte[] tlv(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.size();
        if (length >= 0x80) {
            int count = length > 0xffff ? 3 : length > 0xff ? 2 : 1;
            out.write(0x80 | count);
            for (int i = count - 1; i >= 0; i--) {
                out.write(length >> (8 * i));
            }
        } else {
            out.write(length);
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
