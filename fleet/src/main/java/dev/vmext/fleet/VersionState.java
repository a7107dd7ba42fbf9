package dev.vmext.fleet;

import java.util.Locale;
import java.util.Optional;

/** Whether a version may be installed. The wire form is the lower-case name. */
public enum VersionState {
    ACTIVE,
    /** Runs where it is and can be asked for exactly; no constraint chooses it while an active one fits. */
    DEPRECATED,
    /** Not offered and not run again. */
    INSECURE,
    WITHDRAWN;

    /** Whether machines may still get it. */
    boolean offered() {
        return this == ACTIVE || this == DEPRECATED;
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<VersionState> find(String wire) {
        for (VersionState state : values()) {
            if (state.wire().equals(wire)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}
