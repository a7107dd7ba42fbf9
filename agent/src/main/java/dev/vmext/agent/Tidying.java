package dev.vmext.agent;

import dev.vmext.agent.host.Janitor;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Clears away what grows by itself: some time after the start, once a day, and after each removal. Runs on a thread of its own; the loop
 * tells what is in use.
 */
final class Tidying implements Runnable {
    private static final System.Logger LOG = System.getLogger(Tidying.class.getName());
    private static final Duration FIRST_TIDYING = Duration.ofMinutes(10);
    private static final Duration TIDYING = Duration.ofDays(1);

    private final Janitor janitor;
    private final Consumer<AgentEvent> events;
    /** A permit for each removal since the janitor was here. */
    private final Semaphore untidy = new Semaphore(0);

    Tidying(Janitor janitor, Consumer<AgentEvent> events) {
        this.janitor = janitor;
        this.events = events;
    }

    /** Something was removed. Any thread. */
    void soon() {
        untidy.release();
    }

    @Override
    public void run() {
        try {
            Duration pause = FIRST_TIDYING;
            while (true) {
                var _ = untidy.tryAcquire(pause.toSeconds(), TimeUnit.SECONDS);
                untidy.drainPermits();
                pause = TIDYING;
                CompletableFuture<Janitor.InUse> used = new CompletableFuture<>();
                events.accept(new AgentEvent.Tidying(used));
                try {
                    int cleared = janitor.tidy(used.get());
                    LOG.log(System.Logger.Level.DEBUG, "Cleared away {0} files and folders", cleared);
                } catch (IOException | RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, "Cannot clear away, trying again later: " + e);
                }
            }
        } catch (InterruptedException | ExecutionException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
