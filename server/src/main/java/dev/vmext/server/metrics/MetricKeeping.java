package dev.vmext.server.metrics;

import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The background work of metrics: lets the store pack and drop, and forgets machines that the fleet does not have any more. Called by a
 * timer; does nothing while a call before it is still at work.
 */
public final class MetricKeeping implements Runnable {
    private static final System.Logger LOG = System.getLogger(MetricKeeping.class.getName());

    private final MetricStore store;
    private final Supplier<Set<String>> machines;
    private final InstantSource clock;
    private final AtomicBoolean atWork = new AtomicBoolean();

    /** @param machines ids of all machines of the fleet */
    public MetricKeeping(MetricStore store, Supplier<Set<String>> machines, InstantSource clock) {
        this.store = store;
        this.machines = machines;
        this.clock = clock;
    }

    @Override
    public void run() {
        if (!atWork.compareAndSet(false, true)) {
            return;
        }
        try {
            forgetMachines();
            store.maintain(clock.instant());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot tidy up the metrics; trying again in a minute", e);
        } finally {
            atWork.set(false);
        }
    }

    /** Also those that were deleted while nobody listened. */
    private void forgetMachines() {
        Set<String> there = Set.copyOf(store.machines());
        Set<String> known = machines.get();
        for (String machine : there) {
            if (!known.contains(machine)) {
                store.delete(machine).join();
            }
        }
    }
}
