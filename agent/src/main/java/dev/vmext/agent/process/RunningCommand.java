package dev.vmext.agent.process;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A command that was started. Used by one thread. */
public interface RunningCommand {
    /** Waits for the end. Empty when it still runs after this time. */
    Optional<Outcome> await(Duration atMost) throws InterruptedException, IOException;

    /** Who of its session runs now, as {@code name (pid)}, at most ten; empty when nobody does or it cannot be told. */
    List<String> alive() throws IOException;

    /** Ends the command and everything in its session; returns when nothing of it is left. */
    void kill() throws InterruptedException, IOException;

    /** The process id, 0 while it is not known. */
    long pid();
}
