package dev.vmext.protocol;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 in vmext's only spelling, {@code sha256:<64 lower-case hex>}. */
public record Digest(String text) {
    private static final String PREFIX = "sha256:";

    public Digest {
        if (!text.startsWith(PREFIX) || text.length() != PREFIX.length() + 64) {
            throw new IllegalArgumentException("not a digest of the form sha256:<64 hex>: " + text);
        }
        for (int i = PREFIX.length(); i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                throw new IllegalArgumentException("not lower-case hex in digest: " + text);
            }
        }
    }

    public static Digest ofHex(String hex) {
        return new Digest(PREFIX + hex);
    }

    public static Digest ofHash(byte[] sha256) {
        return ofHex(HexFormat.of().formatHex(sha256));
    }

    /** The digest of these bytes. */
    public static Digest of(byte[] content) {
        try {
            return ofHash(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    public String hex() {
        return text.substring(PREFIX.length());
    }

    public byte[] hash() {
        return HexFormat.of().parseHex(hex());
    }

    @Override
    public String toString() {
        return text;
    }
}
