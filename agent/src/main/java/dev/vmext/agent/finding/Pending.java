package dev.vmext.agent.finding;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One entry of the book: where its text lies, and what must be known of it without reading. Guarded by the book. */
final class Pending {
    private final long number;
    private final String installation;
    private final boolean tellsLoss;
    private final Sum key;
    private final Sum content;
    private final int length;
    private long offset;
    private long times;
    private @Nullable Instant at;

    /**
     * @param offset of its line in the file
     * @param length of that line in bytes
     * @param times how often it was seen, as the line says
     */
    Pending(
            long number,
            String installation,
            boolean tellsLoss,
            Sum key,
            Sum content,
            long offset,
            int length,
            long times) {
        this.number = number;
        this.installation = installation.intern();
        this.tellsLoss = tellsLoss;
        this.key = key;
        this.content = content;
        this.offset = offset;
        this.length = length;
        this.times = times;
    }

    long number() {
        return number;
    }

    String installation() {
        return installation;
    }

    boolean tellsLoss() {
        return tellsLoss;
    }

    Sum key() {
        return key;
    }

    Sum content() {
        return content;
    }

    long offset() {
        return offset;
    }

    int length() {
        return length;
    }

    long times() {
        return times;
    }

    /** The last time, when it was seen again since its line was written. */
    @Nullable Instant at() {
        return at;
    }

    void again(Instant when, long more) {
        times += more;
        Instant before = at;
        at = before == null || when.isAfter(before) ? when : before;
    }

    void movedTo(long newOffset) {
        offset = newOffset;
    }
}
