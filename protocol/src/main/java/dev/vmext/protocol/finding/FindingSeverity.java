package dev.vmext.protocol.finding;

import java.util.Locale;
import java.util.Optional;

/** How bad a finding is, from the mildest to the worst. The wire form is the lower-case name. */
public enum FindingSeverity {
    INFO,
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL;

    private final String wire = name().toLowerCase(Locale.ROOT);

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
