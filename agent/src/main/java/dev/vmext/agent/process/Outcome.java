package dev.vmext.agent.process;

/** How a command ended. */
public sealed interface Outcome {
    /** It ended by itself with this code. */
    record Exited(int code) implements Outcome {}

    /**
     * It is gone and left no exit code. What it did is not known.
     *
     * @param rebooted whether the machine went down meanwhile; else it was killed
     */
    record Vanished(boolean rebooted, String evidence) implements Outcome {}

    /** It never ran, and will not. */
    record NotStarted() implements Outcome {}
}
