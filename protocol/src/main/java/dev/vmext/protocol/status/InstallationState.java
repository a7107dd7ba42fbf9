package dev.vmext.protocol.status;

import java.util.Locale;
import java.util.Optional;

/** Where an installation is. The wire form is the lower-case name with hyphens. */
public enum InstallationState {
    /** The agent has not acknowledged the goal: no deadline runs yet. */
    WAITING_MACHINE,
    PENDING,
    WAITING_PACKAGE,
    WAITING_LEASE,
    BLOCKED,
    INSTALLING,
    ENABLING,
    READY,
    UPDATING,
    /** An update failed and the old version runs again. */
    RETURNED,
    DISABLING,
    REMOVING,
    REMOVED,
    FAILED,
    TIMED_OUT;

    private final String wire = name().toLowerCase(Locale.ROOT).replace('_', '-');

    public String wire() {
        return wire;
    }

    /** Whether nothing more happens without a new goal, a reboot or an operator. */
    public boolean terminal() {
        return switch (this) {
            case READY, RETURNED, REMOVED, FAILED, TIMED_OUT -> true;
            case WAITING_MACHINE,
                    PENDING,
                    WAITING_PACKAGE,
                    WAITING_LEASE,
                    BLOCKED,
                    INSTALLING,
                    ENABLING,
                    UPDATING,
                    DISABLING,
                    REMOVING -> false;
        };
    }

    /** The state of a wire word, empty for one of a newer peer. */
    public static Optional<InstallationState> find(String wire) {
        for (InstallationState state : values()) {
            if (state.wire.equals(wire)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}
