package dev.vmext.protocol.finding;

import java.util.Locale;
import java.util.Optional;

/**
 * Where a finding stands. The wire form is the lower-case name.
 *
 * <pre>
 *   seen --> OPEN --somebody says so--> ACKNOWLEDGED
 *             ^  \                        |
 *             |   +--- not there any more, too old, its installation or machine gone
 *             |                           v
 *             +------ seen again ----- RESOLVED --retention--> forgotten
 * </pre>
 */
public enum FindingState {
    OPEN,
    /** Somebody knows; seen again it stays so, unless it became worse. */
    ACKNOWLEDGED,
    RESOLVED;

    private final String wire = name().toLowerCase(Locale.ROOT);

    public String wire() {
        return wire;
    }

    public static Optional<FindingState> find(String wire) {
        for (FindingState state : values()) {
            if (state.wire.equals(wire)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}
