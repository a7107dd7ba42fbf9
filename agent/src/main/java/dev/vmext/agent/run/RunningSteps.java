package dev.vmext.agent.run;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The steps that workers carry out now, by the name of their run, so that one can be told to end. A step that is told to end before its
 * worker came to it ends at once when it begins. Thread-safe.
 */
final class RunningSteps {
    private final Map<String, Thread> workers = new HashMap<>();
    private final Set<String> stopped = new HashSet<>();

    /** The calling thread carries this run out. */
    synchronized void enter(String run) {
        workers.put(run, Thread.currentThread());
        if (stopped.contains(run)) {
            Thread.currentThread().interrupt();
        }
    }

    /** The calling thread is done with it; a wish to stop that came too late does not reach what it does next. */
    synchronized void leave(String run) {
        workers.remove(run);
        if (stopped.contains(run)) {
            var _ = Thread.interrupted();
        }
    }

    /** Interrupts whoever carries it out, once. */
    synchronized void stop(String run) {
        Thread worker = workers.get(run);
        if (stopped.add(run) && worker != null) {
            worker.interrupt();
        }
    }

    synchronized boolean isStopped(String run) {
        return stopped.contains(run);
    }

    /** Its end was written down. */
    synchronized void forget(String run) {
        stopped.remove(run);
    }
}
