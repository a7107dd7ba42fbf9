package dev.vmext.server.provisioning;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * Runs work so that the pieces for one machine come one after the other, in the order given, and those for different machines side by
 * side. A machine with work has one thread, others have none. Work must not throw.
 */
final class MachineLanes {
    private final Executor threads;
    /** Guarded by this; a lane is here while its thread runs. */
    private final Map<String, Queue<Runnable>> lanes = new HashMap<>();

    MachineLanes(Executor threads) {
        this.threads = threads;
    }

    synchronized void add(String machineId, Runnable work) {
        Queue<Runnable> lane = lanes.get(machineId);
        if (lane != null) {
            lane.add(work);
            return;
        }
        Queue<Runnable> fresh = new ArrayDeque<>();
        fresh.add(work);
        lanes.put(machineId, fresh);
        threads.execute(() -> run(machineId, fresh));
    }

    private void run(String machineId, Queue<Runnable> lane) {
        while (true) {
            Runnable work;
            synchronized (this) {
                work = lane.poll();
                if (work == null) {
                    lanes.remove(machineId);
                    return;
                }
            }
            work.run();
        }
    }
}
