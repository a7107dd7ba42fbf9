package dev.vmext.server.seal;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.ca.PrivateFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key under which protected settings lie in the database: AES-256-GCM, bound to the machine and the installation they belong to,
 * so that a row copied elsewhere does not decrypt. Made once in {@code VMEXT_HOME/keys/master.key}. Any thread may use it.
 *
 * <p>A sealed value is: one byte 1 (the format), 12 bytes nonce, ciphertext, 16 bytes tag.
 */
public final class MasterKey {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final byte FORMAT = 1;

    private final Path file;
    private final SecretKey key;
    private final byte[] fingerprintKey;
    private final SecureRandom random;

    private MasterKey(Path file, byte[] master, SecureRandom random) {
        this.file = file;
        this.key = new SecretKeySpec(hmac(master, "seal v1"), "AES");
        this.fingerprintKey = hmac(master, "fingerprint v1");
        this.random = random;
    }

    /** Opens the key file, making it when there is none. */
    public static MasterKey open(Path file, SecureRandom random) {
        byte[] key = new byte[KEY_BYTES];
        if (Files.exists(file)) {
            byte[] found = PrivateFile.read(file);
            if (found.length != KEY_BYTES) {
                throw unusable(file, "it has " + found.length + " bytes instead of " + KEY_BYTES);
            }
            key = found;
        } else {
            random.nextBytes(key);
            PrivateFile.write(file, key);
        }
        MasterKey opened = new MasterKey(file, key, random);
        Arrays.fill(key, (byte) 0);
        return opened;
    }

    byte[] seal(byte[] clear, byte[] boundTo) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, boundTo);
            byte[] sealed = new byte[1 + NONCE_BYTES + cipher.getOutputSize(clear.length)];
            sealed[0] = FORMAT;
            System.arraycopy(nonce, 0, sealed, 1, NONCE_BYTES);
            cipher.doFinal(clear, 0, clear.length, sealed, 1 + NONCE_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has AES-GCM", e);
        }
    }

    byte[] open(byte[] sealed, byte[] boundTo) {
        if (sealed.length < 1 + NONCE_BYTES + TAG_BITS / 8 || sealed[0] != FORMAT) {
            throw new IllegalStateException("not a value sealed by this version");
        }
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, Arrays.copyOfRange(sealed, 1, 1 + NONCE_BYTES), boundTo);
            return cipher.doFinal(sealed, 1 + NONCE_BYTES, sealed.length - 1 - NONCE_BYTES);
        } catch (AEADBadTagException e) {
            throw unusable(file, "the stored protected settings were not made with it, or were altered");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has AES-GCM", e);
        }
    }

    /** Tells whether two texts of one installation are equal, to nobody but the holder of this key. */
    String fingerprint(byte[] clear, byte[] boundTo) {
        Mac mac = mac(fingerprintKey);
        mac.update(Digest.of(boundTo).hash());
        return HexFormat.of().formatHex(mac.doFinal(clear));
    }

    private static byte[] hmac(byte[] key, String purpose) {
        return mac(key).doFinal(("vmext " + purpose).getBytes(StandardCharsets.UTF_8));
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has HMAC-SHA256", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, byte[] boundTo) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(boundTo);
        return cipher;
    }

    static byte[] boundTo(String machine, String installation) {
        return (machine + '\0' + installation).getBytes(StandardCharsets.UTF_8);
    }

    private static ProblemException unusable(Path file, String why) {
        return new ProblemException(
                ProblemCode.KEY_INVALID,
                "cannot use " + file + ": " + why,
                "restore the key from the backup that belongs to the database, or set the protected settings again");
    }
}
