package dev.vmext.fleet.provider;

import java.util.OptionalInt;

/** Told what {@link MachineProvider#create} is doing, on the thread that called it or one that it started. Must not block. */
@FunctionalInterface
public interface Progress {
    /** The long steps, in the order in which they happen. */
    enum Phase {
        PREFLIGHT,
        IMAGE,
        DISK,
        BOOT,
        RUNNING
    }

    /** One line for a person, and how much of this phase is done when that is known. */
    void report(Phase phase, String text, OptionalInt percent);

    default void report(Phase phase, String text) {
        report(phase, text, OptionalInt.empty());
    }

    static Progress none() {
        return (phase, text, percent) -> {};
    }
}
