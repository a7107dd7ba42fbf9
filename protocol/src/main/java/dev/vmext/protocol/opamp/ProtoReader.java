package dev.vmext.protocol.opamp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * Reads one message in the Protocol Buffers encoding. Used by one thread for one message:
 *
 * <pre>
 * int outer = in.enter();
 * while (in.next()) {
 *     switch (in.field()) {
 *         case 1 -> name = in.string();
 *         default -> in.skip();
 *     }
 * }
 * in.leave(outer);
 * </pre>
 *
 * Every length is compared with the bytes that are left before anything is allocated. A known field with the wrong wire type
 * is an error here, although Protocol Buffers would skip it: no version of this protocol changes the type of a field.
 */
public final class ProtoReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int GROUP_START = 3;
    private static final int GROUP_END = 4;
    private static final int FIXED32 = 5;

    private final byte[] buffer;
    private final MessageLimits limits;
    private int position;
    private int end;
    private int depth;
    private int entries;
    private int field;
    private int wireType;

    public ProtoReader(byte[] buffer, int from, MessageLimits limits) {
        if (buffer.length - from > limits.maxMessageBytes()) {
            throw MalformedMessageException.tooLarge("cannot read a message: it has " + (buffer.length - from)
                    + " bytes, the limit is " + limits.maxMessageBytes());
        }
        this.buffer = buffer;
        this.limits = limits;
        this.position = from;
        this.end = buffer.length;
    }

    /** Moves to the next field of the present message; false at its end. */
    public boolean next() {
        if (position == end) {
            return false;
        }
        long tag = rawVarint();
        if (tag >>> 32 != 0 || tag >>> 3 == 0) {
            throw malformed("a field number is out of range");
        }
        field = (int) (tag >>> 3);
        wireType = (int) tag & 7;
        return true;
    }

    public int field() {
        return field;
    }

    /** Goes into a nested message; what it answers is handed to {@link #leave}. */
    public int enter() {
        int length = length();
        count();
        if (++depth > limits.maxDepth()) {
            throw MalformedMessageException.tooLarge(
                    "cannot read a message: it is nested deeper than the limit of " + limits.maxDepth());
        }
        int outer = end;
        end = position + length;
        return outer;
    }

    public void leave(int outer) {
        depth--;
        end = outer;
    }

    /** Where the reader is between two fields of the present message, for {@link #reset}. */
    public int mark() {
        return position;
    }

    /** Goes back to a mark of the present message. */
    public void reset(int mark) {
        position = mark;
    }

    /** Counts one item of a list against the limit; nested messages count themselves. */
    public void count() {
        if (++entries > limits.maxEntries()) {
            throw MalformedMessageException.tooLarge(
                    "cannot read a message: it has more entries than the limit of " + limits.maxEntries());
        }
    }

    public long varint() {
        expect(VARINT);
        return rawVarint();
    }

    public boolean bool() {
        return varint() != 0;
    }

    public int enumeration() {
        return (int) varint();
    }

    public long fixed64() {
        expect(FIXED64);
        need(8);
        return rawFixed64();
    }

    private long rawFixed64() {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value |= (buffer[position++] & 0xffL) << (8 * i);
        }
        return value;
    }

    public double real() {
        return Double.longBitsToDouble(fixed64());
    }

    /** Hands each value of a repeated 64-bit field on, packed into one run of bytes or not: a writer may do either. */
    public void fixed64s(LongConsumer values) {
        if (wireType != LENGTH) {
            count();
            values.accept(fixed64());
            return;
        }
        int length = length();
        if (length % 8 != 0) {
            throw malformed("field " + field + " holds a piece of a number");
        }
        for (int stop = position + length; position < stop; ) {
            count();
            values.accept(rawFixed64());
        }
    }

    public Bytes bytes() {
        int length = length();
        if (length == 0) {
            return Bytes.EMPTY;
        }
        byte[] content = new byte[length];
        System.arraycopy(buffer, position, content, 0, length);
        position += length;
        return Bytes.wrap(content);
    }

    public String string() {
        int length = length();
        if (length == 0) {
            return "";
        }
        String text = new String(buffer, position, length, StandardCharsets.UTF_8);
        if (text.indexOf('\ufffd') >= 0) {
            checkUtf8(length);
        }
        position += length;
        return text;
    }

    /** Steps over a field that this version does not know. */
    public void skip() {
        switch (wireType) {
            case VARINT -> rawVarint();
            case FIXED64 -> skipBytes(8);
            case LENGTH -> skipBytes(length());
            case GROUP_START -> skipGroup();
            case FIXED32 -> skipBytes(4);
            default -> throw malformed("field " + field + " has the unknown wire type " + wireType);
        }
    }

    /** Groups are long deprecated, but a reader has to find their end to step over one. */
    private void skipGroup() {
        int group = field;
        count();
        if (++depth > limits.maxDepth()) {
            throw MalformedMessageException.tooLarge(
                    "cannot read a message: it is nested deeper than the limit of " + limits.maxDepth());
        }
        while (next()) {
            if (wireType == GROUP_END) {
                if (field != group) {
                    throw malformed("a group ends with the wrong number");
                }
                depth--;
                return;
            }
            skip();
        }
        throw malformed("a group has no end");
    }

    private int length() {
        expect(LENGTH);
        long length = rawVarint();
        if (length < 0 || length > end - position) {
            throw malformed("field " + field + " is said to be longer than what is left");
        }
        return (int) length;
    }

    private void skipBytes(int count) {
        need(count);
        position += count;
    }

    private void need(int count) {
        if (end - position < count) {
            throw malformed("it ends in the middle of field " + field);
        }
    }

    private void expect(int expected) {
        if (wireType != expected) {
            throw malformed("field " + field + " has wire type " + wireType + ", not " + expected);
        }
    }

    private long rawVarint() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (position == end) {
                throw malformed("it ends in the middle of a number");
            }
            byte next = buffer[position++];
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a number has more than ten bytes");
    }

    /** The replacement character may be meant; only a strict decoder knows whether it stands for broken bytes. */
    private void checkUtf8(int length) {
        try {
            var _ = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(buffer, position, length));
        } catch (CharacterCodingException e) {
            throw malformed("field " + field + " is not UTF-8");
        }
    }

    private static MalformedMessageException malformed(String why) {
        return new MalformedMessageException("cannot read a message: " + why);
    }
}
