package dev.vmext.extensionkit;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One ASN.1 value, read strictly: shortest lengths, low tag numbers, nothing left over, at most 16 levels and 4096 values.
 * The one liberty is the indefinite length, which common CMS writers use around the content they stream. Immutable.
 */
final class Der {
    static final int INTEGER = 0x02;
    static final int OCTETS = 0x04;
    static final int OID = 0x06;
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;
    private static final int CONSTRUCTED = 0x20;

    private final int tag;
    private final byte[] content;
    private final byte[] encoded;
    private final List<Der> children;

    private Der(int tag, byte[] content, byte[] encoded, List<Der> children) {
        this.tag = tag;
        this.content = content;
        this.encoded = encoded;
        this.children = List.copyOf(children);
    }

    static Der parse(byte[] bytes) {
        Reader reader = new Reader(bytes);
        Der value = reader.value(bytes.length, 0);
        if (reader.at != bytes.length) {
            throw new EnvelopeException("there are bytes after the end of the ASN.1 value");
        }
        return value;
    }

    int tag() {
        return tag;
    }

    List<Der> children() {
        return children;
    }

    byte[] content() {
        return content.clone();
    }

    /** The whole value with tag and length. */
    byte[] encoded() {
        return encoded.clone();
    }

    Der expect(int wanted, String what) {
        if (tag != wanted) {
            throw new EnvelopeException("%s has ASN.1 tag 0x%02x, not 0x%02x".formatted(what, tag, wanted));
        }
        return this;
    }

    Der child(int index, String what) {
        if (index >= children.size()) {
            throw new EnvelopeException(what + " is missing");
        }
        return children.get(index);
    }

    BigInteger integer(String what) {
        expect(INTEGER, what);
        if (content.length == 0
                || (content.length > 1
                        && (content[0] == 0 || content[0] == -1)
                        && (content[0] < 0) == (content[1] < 0))) {
            throw new EnvelopeException(what + " is not a whole number in its shortest form");
        }
        return new BigInteger(content);
    }

    /** The dotted form of an object identifier. */
    String oid(String what) {
        expect(OID, what);
        StringBuilder text = new StringBuilder();
        long part = 0;
        boolean inside = false;
        for (byte b : content) {
            if (part > (Long.MAX_VALUE >> 8)) {
                throw new EnvelopeException(what + " is too long");
            }
            part = part << 7 | (b & 0x7f);
            inside = (b & 0x80) != 0;
            if (!inside) {
                if (text.isEmpty()) {
                    long first = Math.min(part / 40, 2);
                    text.append(first).append('.').append(part - first * 40);
                } else {
                    text.append('.').append(part);
                }
                part = 0;
            }
        }
        if (inside || text.isEmpty()) {
            throw new EnvelopeException(what + " is not a complete object identifier");
        }
        return text.toString();
    }

    /** The bytes of an octet string, whether in one piece or in several, under its own or an implicit tag. */
    byte[] octets(String what) {
        if ((tag & CONSTRUCTED) == 0) {
            return content.clone();
        }
        int length = 0;
        for (Der piece : children) {
            length += piece.expect(OCTETS, "a piece of " + what).content.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (Der piece : children) {
            System.arraycopy(piece.content, 0, all, at, piece.content.length);
            at += piece.content.length;
        }
        return all;
    }

    private static final class Reader {
        private final byte[] bytes;
        private int at;
        private int values;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        Der value(int end, int depth) {
            if (depth > 16 || ++values > 4096) {
                throw new EnvelopeException("the ASN.1 value is nested too deeply or has too many parts");
            }
            int start = at;
            int tag = next(end);
            if ((tag & 0x1f) == 0x1f) {
                throw new EnvelopeException("the ASN.1 value has a long tag");
            }
            boolean constructed = (tag & CONSTRUCTED) != 0;
            int length = length(end);
            List<Der> children = new ArrayList<>();
            int contentStart = at;
            if (length < 0) {
                if (!constructed) {
                    throw new EnvelopeException("a plain ASN.1 value has no length");
                }
                while (!(end - at >= 2 && bytes[at] == 0 && bytes[at + 1] == 0)) {
                    children.add(value(end, depth + 1));
                }
                at += 2;
                return new Der(
                        tag,
                        Arrays.copyOfRange(bytes, contentStart, at - 2),
                        Arrays.copyOfRange(bytes, start, at),
                        children);
            }
            int contentEnd = contentStart + length;
            if (constructed) {
                while (at < contentEnd) {
                    children.add(value(contentEnd, depth + 1));
                }
            }
            at = contentEnd;
            return new Der(
                    tag,
                    Arrays.copyOfRange(bytes, contentStart, contentEnd),
                    Arrays.copyOfRange(bytes, start, contentEnd),
                    children);
        }

        private int next(int end) {
            if (at >= end) {
                throw new EnvelopeException("the ASN.1 value ends too early");
            }
            return bytes[at++] & 0xff;
        }

        /** The length in bytes, or -1 for indefinite. */
        private int length(int end) {
            int first = next(end);
            int length = first;
            if (first == 0x80) {
                return -1;
            }
            if (first > 0x80) {
                int count = first & 0x7f;
                if (count > 4) {
                    throw new EnvelopeException("an ASN.1 length is too large");
                }
                long value = 0;
                for (int i = 0; i < count; i++) {
                    value = value << 8 | next(end);
                }
                if (value < 0x80 || value >> (8 * (count - 1)) == 0) {
                    throw new EnvelopeException("an ASN.1 length is not in its shortest form");
                }
                if (value > end - at) {
                    throw new EnvelopeException("the ASN.1 value ends too early");
                }
                length = (int) value;
            }
            if (length > end - at) {
                throw new EnvelopeException("the ASN.1 value ends too early");
            }
            return length;
        }
    }
}
