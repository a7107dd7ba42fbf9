package dev.vmext.protocol.finding;

import java.util.Locale;
import java.util.Optional;

/** How bad a finding is, from the mildest to the worst. The wire form is the lower-case name. */
public enum FindingSeverity {
    INFO(0),
    LOW(1),
    MEDIUM(2),
    HIGH(3),
    CRITICAL(4);

    private final String wire = name().toLowerCase(Locale.ROOT);
    private final int rank;

    FindingSeverity(int rank) {
        this.rank = rank;
    }

    /** A number that is greater the worse it is; stores keep it, so it never changes. */
    public int rank() {
        return rank;
    }

    /** The one of this rank. */
    public static FindingSeverity ofRank(int rank) {
        for (FindingSeverity severity : values()) {
            if (severity.rank == rank) {
                return severity;
            }
        }
        throw new IllegalArgumentException("no severity has the rank " + rank);
    }

    public String wire() {
        return wire;
    }

    public static Optional<FindingSeverity> find(String wire) {
        for (FindingSeverity severity : values()) {
            if (severity.wire.equals(wire)) {
                return Optional.of(severity);
            }
        }
        return Optional.empty();
    }
}
