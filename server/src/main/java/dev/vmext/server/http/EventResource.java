package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.StrictJson;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * {@code /v1/events}: the change feed as server-sent events. Each client is one virtual thread with its own place in the feed: it reads
 * at most {@value #BATCH} changes, writes them, and reads on. So a slow client holds one batch and nothing else, and is cut off by the
 * connection's idle timeout when it takes nothing at all. Commits only wake those who wait.
 */
final class EventResource implements AutoCloseable {
    private static final int BATCH = 256;
    private static final int MAX_CLIENTS = 512;

    private final Fleet fleet;
    private final Duration heartbeat;
    private final Semaphore places = new Semaphore(MAX_CLIENTS);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock. */
    private long commits;
    /** Guarded by the lock. */
    private boolean closed;

    EventResource(Fleet fleet, Duration heartbeat) {
        this.fleet = fleet;
        this.heartbeat = heartbeat;
        fleet.onCommit((machines, events) -> wake(false));
    }

    Answer stream(Call call) {
        long newest = fleet.lastChange();
        // A browser that resumes against a store put back from a backup may be ahead of it.
        long from =
                Math.min(call.header("Last-Event-ID").map(EventResource::number).orElse(newest), newest);
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    ProblemCode.SERVER_OVERLOADED,
                    "cannot stream events: " + MAX_CLIENTS + " clients listen already",
                    "Close some of them and try again.");
        }
        return new Answer.Stream("text/event-stream", Map.of("X-Accel-Buffering", "no"), out -> {
            try {
                write(out, from);
            } finally {
                places.release();
            }
        });
    }

    private void write(OutputStream out, long from) throws IOException {
        send(out, ": vmext changes\n\n");
        long cursor = from;
        long seen = commits();
        while (seen >= 0) {
            List<ChangeEvent> events = fleet.changesAfter(cursor, BATCH);
            if (events.isEmpty()) {
                long before = seen;
                seen = awaitCommitAfter(before);
                if (seen == before) {
                    send(out, ": still here\n\n");
                }
            } else {
                StringBuilder text = new StringBuilder();
                for (ChangeEvent event : events) {
                    text.append("id: ").append(event.id()).append("\nevent: change\ndata: ");
                    text.append(new String(StrictJson.write(event), StandardCharsets.UTF_8))
                            .append("\n\n");
                    cursor = event.id();
                }
                send(out, text.toString());
                seen = commits();
            }
        }
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static long number(String text) {
        try {
            return Math.max(0, Long.parseLong(text.strip()));
        } catch (NumberFormatException e) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot resume the events: Last-Event-ID is not a number",
                    "Send the id of the last event received, or leave the header away.",
                    e);
        }
    }

    /** The number of commits so far, -1 when the server stops. */
    private long commits() {
        lock.lock();
        try {
            return closed ? -1 : commits;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a commit after this one, for one heartbeat at most. */
    private long awaitCommitAfter(long seen) throws InterruptedIOException {
        lock.lock();
        try {
            long left = heartbeat.toNanos();
            while (!closed && commits == seen && left > 0) {
                left = changed.awaitNanos(left);
            }
            return closed ? -1 : commits;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the server stops");
        } finally {
            lock.unlock();
        }
    }

    private void wake(boolean close) {
        lock.lock();
        try {
            commits++;
            closed |= close;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends all streams. */
    @Override
    public void close() {
        wake(true);
    }
}
