package dev.vmext.server.gateway;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;

/**
 * Stores statuses, as many as have come in together in one transaction. It never waits for more to come: while one transaction is
 * written the next one's statuses gather. A full queue makes senders wait, which stops reading from their connections; nothing is
 * dropped. Owned by the gateway; one thread of its own writes, any thread may submit.
 */
final class StatusWriter {
    private static final Logger LOG = System.getLogger(StatusWriter.class.getName());
    private static final int BATCH = 512;

    private final Fleet fleet;
    private final BlockingQueue<Entry> queue;
    private final Thread writer;
    private volatile boolean stopping;

    StatusWriter(Fleet fleet, int capacity) {
        this.fleet = fleet;
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.writer = Thread.ofVirtual().name("status-writer").unstarted(this::run);
    }

    void start() {
        writer.start();
    }

    /** Waits for room in the queue; the answer completes when the status is stored for good, or fails when it is not. */
    CompletableFuture<Void> submit(MachineStatus status) {
        Entry entry = new Entry(List.of(status), new CompletableFuture<>());
        if (stopping) {
            entry.refuse();
        } else {
            put(entry);
        }
        return entry.stored();
    }

    /** Stores what was submitted, then ends. */
    void stop() {
        stopping = true;
        put(Entry.LAST);
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void put(Entry entry) {
        try {
            queue.put(entry);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            entry.refuse();
        }
    }

    private void run() {
        boolean last = false;
        while (!last) {
            List<Entry> batch = new ArrayList<>();
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                return;
            }
            queue.drainTo(batch, BATCH - 1);
            last = batch.remove(Entry.LAST);
            if (!batch.isEmpty()) {
                store(batch);
            }
        }
        List<Entry> late = new ArrayList<>();
        queue.drainTo(late);
        late.forEach(Entry::refuse);
    }

    private void store(List<Entry> batch) {
        try {
            fleet.reportStatuses(
                    batch.stream().flatMap(entry -> entry.status().stream()).toList());
        } catch (RuntimeException e) {
            if (batch.size() == 1) {
                LOG.log(Level.ERROR, "cannot store a status; the agent will send it again", e);
                batch.getFirst().stored().completeExceptionally(e);
                return;
            }
            // One status that cannot be stored must not keep the others from it.
            batch.forEach(entry -> store(List.of(entry)));
            return;
        }
        batch.forEach(entry -> entry.stored().complete(null));
    }

    /** One waiting status; the one without is the last and ends the writer. */
    private record Entry(List<MachineStatus> status, CompletableFuture<Void> stored) {
        static final Entry LAST = new Entry(List.of(), new CompletableFuture<>());

        void refuse() {
            stored.completeExceptionally(new IllegalStateException("the gateway stops"));
        }
    }
}
