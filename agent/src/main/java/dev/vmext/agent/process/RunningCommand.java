package dev.vmext.agent.process;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** A command that was started. Used by one thread. */
public interface RunningCommand {
    /** Waits for the end. Empty when it still runs after this time. */
    Optional<Outcome> await(Duration atMost) throws InterruptedException, IOException;

    /** Who of its session runs now, as {@code name (pid)}, at most ten; empty when nobody does or it cannot be told. */
    List<String> alive() throws IOException;

    /**
     * Waits for the end, or until somebody has seen enough.
     *
     * @param enough asked every few seconds while the command runs; true ends the wait
     */
    default Optional<Outcome> await(Duration atMost, BooleanSupplier enough) throws InterruptedException, IOException {
        return await(atMost);
    }

    /** Ends the command and everything in its session and in its control group; returns when nothing of it is left. */
    void kill() throws InterruptedException, IOException;

    /** What it used until now, or in all once it ended. Never fails: what cannot be read is not in it. */
    default Measured measured() {
        return Measured.NOTHING;
    }

    /** The process id, 0 while it is not known. */
    long pid();
}
