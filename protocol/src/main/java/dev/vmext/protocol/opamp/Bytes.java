package dev.vmext.protocol.opamp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run of bytes as a value: never changes, compares by content. Its text form shows short values (ids, digests) and only the
 * size of longer ones, because those may be keys or settings.
 */
public final class Bytes {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private static final int SHOWN_UP_TO = 32;

    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    /** A copy of these bytes. */
    public static Bytes of(byte[] content) {
        return content.length == 0 ? EMPTY : new Bytes(content.clone());
    }

    public static Bytes ofUtf8(String text) {
        return text.isEmpty() ? EMPTY : new Bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The 16 bytes of an instance id, in network order. */
    public static Bytes ofUuid(UUID id) {
        byte[] content = new byte[16];
        for (int i = 0; i < 8; i++) {
            content[i] = (byte) (id.getMostSignificantBits() >>> (56 - 8 * i));
            content[8 + i] = (byte) (id.getLeastSignificantBits() >>> (56 - 8 * i));
        }
        return new Bytes(content);
    }

    public static Bytes ofHex(String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    /** Takes the array over instead of copying it: only for arrays that nobody else holds. */
    static Bytes wrap(byte[] content) {
        return content.length == 0 ? EMPTY : new Bytes(content);
    }

    public int size() {
        return content.length;
    }

    public boolean isEmpty() {
        return content.length == 0;
    }

    public byte[] toArray() {
        return content.clone();
    }

    public String hex() {
        return HexFormat.of().formatHex(content);
    }

    public String utf8() {
        return new String(content, StandardCharsets.UTF_8);
    }

    /** The instance id in these bytes; there must be 16 of them. */
    public UUID uuid() {
        if (content.length != 16) {
            throw new MalformedMessageException(
                    "cannot read an instance id: it has " + content.length + " bytes, not 16");
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < 8; i++) {
            high = (high << 8) | (content[i] & 0xff);
            low = (low << 8) | (content[8 + i] & 0xff);
        }
        return new UUID(high, low);
    }

    /** The array itself, for the writer, which only reads it. */
    byte[] unsafe() {
        return content;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    @Override
    public String toString() {
        return content.length <= SHOWN_UP_TO ? hex() : "(" + content.length + " bytes)";
    }
}
