package dev.vmext.server.repository;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one repository without looking again: bytes, those of uploads under way included, when its snapshots came, and whether
 * it has a configuration. Thread-safe: one lock, held while the storage is asked, so that nothing that changes meanwhile is missed.
 */
final class Tally {
    private long kept = -1;
    private long coming;
    private boolean initialised;
    private @Nullable Map<String, Instant> arrivals;
    private volatile @Nullable String refused;

    /** Asks the storage. */
    @FunctionalInterface
    interface Look<T> {
        T look() throws IOException;
    }

    synchronized long bytes(Look<Long> count) throws IOException {
        if (kept < 0) {
            kept = count.look();
        }
        return kept + coming;
    }

    /** More is on its way; with how much the repository holds then. */
    synchronized long comes(long more, Look<Long> count) throws IOException {
        long before = bytes(count);
        coming += more;
        return before + more;
    }

    /** It came to its end. */
    synchronized void came(long taken, boolean isKept) {
        coming -= taken;
        kept += isKept && kept >= 0 ? taken : 0;
    }

    synchronized void gone(long bytes) {
        kept = kept < 0 ? kept : Math.max(0, kept - bytes);
    }

    synchronized Map<String, Instant> arrivals(Look<Map<String, Instant>> list) throws IOException {
        Map<String, Instant> known = arrivals;
        if (known == null) {
            known = list.look();
            arrivals = known;
        }
        return known;
    }

    synchronized void snapshotCame() {
        arrivals = null;
    }

    synchronized boolean initialised(Look<Boolean> ask) throws IOException {
        if (!initialised) {
            initialised = ask.look();
        }
        return initialised;
    }

    /** Somebody else worked on the files: nothing is known any more but what is on its way. */
    synchronized void forget() {
        kept = -1;
        arrivals = null;
        initialised = false;
    }

    /** Why the last upload of data was refused for want of space; null when it was not. */
    void refused(@Nullable String why) {
        refused = why;
    }

    Optional<String> refused() {
        return Optional.ofNullable(refused);
    }
}
