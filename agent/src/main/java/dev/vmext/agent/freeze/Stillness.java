package dev.vmext.agent.freeze;

import java.io.IOException;

/** Freezes and releases the machine's file systems. Any thread; calls block until it is done. */
public interface Stillness {
    /** How it went. */
    record Outcome(boolean good, String message) {}

    /**
     * Freezes them, for so many seconds at most, whoever dies meanwhile. Good when they are all frozen; otherwise none is, and the message
     * says why.
     */
    Outcome hold(String id, int seconds) throws IOException;

    /** Lets go. Good when they were frozen until now. Repeating it is allowed. */
    Outcome release(String id) throws IOException;

    /** Lets go of what an agent before this one left. */
    void releaseAll() throws IOException;
}
