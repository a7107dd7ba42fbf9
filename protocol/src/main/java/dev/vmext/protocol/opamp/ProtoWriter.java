package dev.vmext.protocol.opamp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one message in the Protocol Buffers encoding. Fields with a zero value are left out, as proto3 asks, except by the
 * methods named {@code ...Present}. Used by one thread for one message. The length of a nested message is filled in when its
 * end is known, so that nothing is measured twice.
 */
public final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;

    private final int limit;
    private byte[] buffer;
    private int size;

    public ProtoWriter(int limit) {
        this.limit = limit;
        this.buffer = new byte[Math.min(limit, 256)];
    }

    public byte[] toArray() {
        return Arrays.copyOf(buffer, size);
    }

    /** One byte in front of everything: the frame header. */
    void header(int value) {
        raw(value);
    }

    public void varint(int field, long value) {
        if (value != 0) {
            varintPresent(field, value);
        }
    }

    public void varintPresent(int field, long value) {
        tag(field, VARINT);
        rawVarint(value);
    }

    void bool(int field, boolean value) {
        if (value) {
            varintPresent(field, 1);
        }
    }

    /** A number below zero stands for one that this version does not know; sending it on would change its meaning. */
    void enumeration(int field, int number) {
        if (number < 0) {
            throw new IllegalArgumentException(
                    "cannot encode field " + field + ": its value was not recognized when it was read");
        }
        varint(field, number);
    }

    public void fixed64(int field, long value) {
        if (value != 0) {
            fixed64Present(field, value);
        }
    }

    private void fixed64Present(int field, long value) {
        tag(field, FIXED64);
        ensure(8);
        for (int i = 0; i < 8; i++) {
            buffer[size++] = (byte) (value >>> (8 * i));
        }
    }

    void real(int field, double value) {
        fixed64(field, Double.doubleToRawLongBits(value));
    }

    public void realPresent(int field, double value) {
        fixed64Present(field, Double.doubleToRawLongBits(value));
    }

    public void string(int field, String value) {
        if (!value.isEmpty()) {
            stringPresent(field, value);
        }
    }

    public void stringPresent(int field, String value) {
        bytesPresent(field, value.getBytes(StandardCharsets.UTF_8));
    }

    void bytes(int field, Bytes value) {
        if (!value.isEmpty()) {
            bytesPresent(field, value.unsafe());
        }
    }

    void bytesPresent(int field, Bytes value) {
        bytesPresent(field, value.unsafe());
    }

    private void bytesPresent(int field, byte[] value) {
        tag(field, LENGTH);
        rawVarint(value.length);
        ensure(value.length);
        System.arraycopy(value, 0, buffer, size, value.length);
        size += value.length;
    }

    void strings(int field, List<String> values) {
        for (String value : values) {
            stringPresent(field, value);
        }
    }

    void message(int field, @Nullable Message message) {
        if (message != null) {
            int start = begin(field);
            message.writeTo(this);
            end(start);
        }
    }

    void messages(int field, List<? extends Message> messages) {
        for (Message message : messages) {
            message(field, message);
        }
    }

    void entries(int field, Map<String, ? extends Message> entries) {
        for (Map.Entry<String, ? extends Message> entry : entries.entrySet()) {
            int start = begin(field);
            string(1, entry.getKey());
            message(2, entry.getValue());
            end(start);
        }
    }

    void textEntries(int field, Map<String, String> entries) {
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            int start = begin(field);
            string(1, entry.getKey());
            string(2, entry.getValue());
            end(start);
        }
    }

    /** Starts a nested message: reserves one byte for its length and answers where the content starts, for {@link #end}. */
    public int begin(int field) {
        tag(field, LENGTH);
        raw(0);
        return size;
    }

    public void end(int start) {
        int length = size - start;
        int width = 1;
        for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
            width++;
        }
        if (width > 1) {
            ensure(width - 1);
            System.arraycopy(buffer, start, buffer, start + width - 1, length);
        }
        size = start - 1;
        rawVarint(length);
        size += length;
    }

    private void tag(int field, int wireType) {
        rawVarint((long) field << 3 | wireType);
    }

    private void rawVarint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            raw((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        raw((int) rest);
    }

    private void raw(int value) {
        ensure(1);
        buffer[size++] = (byte) value;
    }

    private void ensure(int more) {
        if (more > limit - size) {
            throw MalformedMessageException.tooLarge(
                    "cannot send a message: it is larger than the limit of " + limit + " bytes");
        }
        if (size + more > buffer.length) {
            int doubled = (int) Math.min(limit, 2L * buffer.length);
            buffer = Arrays.copyOf(buffer, Math.max(doubled, size + more));
        }
    }
}
