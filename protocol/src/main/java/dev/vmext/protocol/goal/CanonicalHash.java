package dev.vmext.protocol.goal;

import dev.vmext.protocol.opamp.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 over parts with their length in front (four bytes, big end first), so that no two lists of parts read the same. */
final class CanonicalHash {
    private final MessageDigest digest = sha256();

    CanonicalHash text(String part) {
        return bytes(part.getBytes(StandardCharsets.UTF_8));
    }

    CanonicalHash bytes(byte[] part) {
        digest.update((byte) (part.length >>> 24));
        digest.update((byte) (part.length >>> 16));
        digest.update((byte) (part.length >>> 8));
        digest.update((byte) part.length);
        digest.update(part);
        return this;
    }

    /** Adds the SHA-256 of a part instead of the part. */
    CanonicalHash digest(byte[] part) {
        return bytes(sha256().digest(part));
    }

    /** Ends the hash; no other call may follow. */
    Bytes result() {
        return Bytes.of(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
