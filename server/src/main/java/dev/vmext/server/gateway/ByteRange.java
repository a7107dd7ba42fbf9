package dev.vmext.server.gateway;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a file that one Range header asks for (RFC 9110 section 14).
 *
 * @param from first byte
 * @param length at least 1
 */
record ByteRange(long from, long length) {
    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /** What a header asks for of a file of this size. */
    sealed interface Wanted {
        record Part(ByteRange range) implements Wanted {}

        /** No header, or one that we do not honour: several parts, other units. */
        record Whole() implements Wanted {}

        /** Nothing of the file lies in the range. */
        record Nothing() implements Wanted {}
    }

    static Wanted of(Optional<String> header, long size) {
        Matcher matcher = ONE.matcher(header.orElse(""));
        if (!matcher.matches()
                || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
            return new Wanted.Whole();
        }
        if (matcher.group(1).isEmpty()) {
            long tail = Math.min(Long.parseLong(matcher.group(2)), size);
            return tail == 0 ? new Wanted.Nothing() : new Wanted.Part(new ByteRange(size - tail, tail));
        }
        long first = Long.parseLong(matcher.group(1));
        long last = matcher.group(2).isEmpty() ? size - 1 : Math.min(Long.parseLong(matcher.group(2)), size - 1);
        if (!matcher.group(2).isEmpty() && Long.parseLong(matcher.group(2)) < first) {
            return new Wanted.Whole();
        }
        return first >= size ? new Wanted.Nothing() : new Wanted.Part(new ByteRange(first, last - first + 1));
    }

    String contentRange(long size) {
        return "bytes " + from + "-" + (from + length - 1) + "/" + size;
    }
}
