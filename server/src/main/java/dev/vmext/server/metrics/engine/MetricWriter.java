package dev.vmext.server.metrics.engine;

import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.metrics.Appended;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes: everything that waits goes into one transaction, and while that is written the next one's gathers. What
 * waits is bounded by its samples; more is refused at once, and whoever sent it comes back later. Owned by the store.
 */
final class MetricWriter implements AutoCloseable {
    /** Samples that may wait; about 50 MB as they are in memory. */
    private static final int WAITING = 250_000;
    /** Samples of one transaction: a larger one would keep its senders waiting for nothing. */
    private static final int TOGETHER = 100_000;

    private final MetricsFile file;
    private final Intake intake;
    private final Runnable afterFailure;
    private final LinkedBlockingQueue<Entry<?>> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closed;

    /** @param afterFailure called when a transaction was rolled back, before anything else is written */
    MetricWriter(MetricsFile file, Intake intake, Runnable afterFailure) {
        this.file = file;
        this.intake = intake;
        this.afterFailure = afterFailure;
        this.thread = Thread.ofPlatform().daemon().name("metric-writer").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private static final class Entry<T> {
        private final int samples;
        private final MetricsFile.@Nullable Sql<T> work;
        private final CompletableFuture<T> done = new CompletableFuture<>();
        private @Nullable T answer;

        Entry(int samples, MetricsFile.@Nullable Sql<T> work) {
            this.samples = samples;
            this.work = work;
        }

        void carryOut(Connection connection) throws SQLException {
            if (work != null) {
                answer = work.run(connection);
            }
        }

        void committed() {
            done.complete(answer);
        }
    }

    CompletableFuture<Appended> append(String machine, List<Sample> samples) {
        List<Sample> copy = List.copyOf(samples);
        if (waiting.addAndGet(copy.size()) > WAITING && waiting.get() > copy.size()) {
            waiting.addAndGet(-copy.size());
            return CompletableFuture.failedFuture(new ProblemException(
                    ProblemCode.SERVER_OVERLOADED,
                    "cannot take metrics now: more samples wait to be stored than the disk takes",
                    "send them again after the time in Retry-After"));
        }
        return put(new Entry<>(copy.size(), connection -> intake.store(connection, machine, copy)));
    }

    /** Work within the writer's transaction; always taken. It may be done twice when the first transaction fails. */
    <T> CompletableFuture<T> work(MetricsFile.Sql<T> work) {
        return put(new Entry<>(0, work));
    }

    private <T> CompletableFuture<T> put(Entry<T> entry) {
        queue.add(entry);
        if (closed) {
            refuseAll();
        }
        return entry.done;
    }

    private void refuseAll() {
        if (Thread.currentThread() == thread || !thread.isAlive()) {
            List<Entry<?>> late = new ArrayList<>();
            queue.drainTo(late);
            late.forEach(entry -> entry.done.completeExceptionally(new ProblemException(
                    ProblemCode.SERVER_OVERLOADED,
                    "cannot store metrics: the control plane stops",
                    "send them again when it is back")));
        }
    }

    private void run() {
        List<Entry<?>> batch = new ArrayList<>();
        boolean last = false;
        while (!last) {
            batch.clear();
            int samples = 0;
            try {
                Entry<?> entry = queue.take();
                while (entry != null) {
                    batch.add(entry);
                    samples += entry.samples;
                    last |= entry.work == null;
                    entry = samples < TOGETHER ? queue.poll() : null;
                }
            } catch (InterruptedException e) {
                return;
            }
            write(batch);
            waiting.addAndGet(-samples);
        }
        refuseAll();
    }

    private void write(List<Entry<?>> batch) {
        try {
            file.write(connection -> {
                for (Entry<?> entry : batch) {
                    entry.carryOut(connection);
                }
                return true;
            });
        } catch (RuntimeException e) {
            afterFailure.run();
            if (batch.size() == 1) {
                batch.getFirst().done.completeExceptionally(e);
            } else {
                // What cannot be stored must not keep the others from it.
                batch.forEach(entry -> write(List.of(entry)));
            }
            return;
        }
        batch.forEach(Entry::committed);
    }

    /** Writes what waits, then ends. */
    @Override
    public void close() {
        var _ = put(new Entry<>(0, null));
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        refuseAll();
    }
}
