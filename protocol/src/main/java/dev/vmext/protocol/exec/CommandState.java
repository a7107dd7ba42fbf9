package dev.vmext.protocol.exec;

import java.util.Locale;
import java.util.Optional;

/**
 * How far a run-once command is. The wire form is the lower-case name with hyphens.
 *
 * <pre>
 *   WAITING_MACHINE --accepted--> RUNNING --> EXITED | CANCELLED | TIMED_OUT | INTERRUPTED
 *          |                         ^
 *          +--> REFUSED | CANCELLED | EXPIRED --accepted late after all--+
 * </pre>
 */
public enum CommandState {
    /** The machine has not said that it has it. */
    WAITING_MACHINE(false),
    /** The machine has written it down and runs it; from here on it runs at most once. */
    RUNNING(false),
    /** It ended by itself; the exit code is known. */
    EXITED(true),
    /** Somebody stopped it. */
    CANCELLED(true),
    /** It was stopped at its deadline. */
    TIMED_OUT(true),
    /** It is gone and left no exit code: reboot, power cut, killed by somebody else. It is never run again. */
    INTERRUPTED(true),
    /** The machine does not run it, for the reason in the cause. Nothing was run. */
    REFUSED(true),
    /** The machine did not take it in the time given. */
    EXPIRED(true);

    private final boolean terminal;
    private final String wire = name().toLowerCase(Locale.ROOT).replace('_', '-');

    CommandState(boolean terminal) {
        this.terminal = terminal;
    }

    /** Whether nothing more is expected of it. */
    public boolean terminal() {
        return terminal;
    }

    public String wire() {
        return wire;
    }

    public static Optional<CommandState> find(String wire) {
        for (CommandState state : values()) {
            if (state.wire.equals(wire)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}
