package dev.vmext.protocol.status;

import java.util.Locale;
import java.util.Optional;

/** What kind of thing went wrong on a machine. The wire form is the lower-case name with hyphens. */
public enum CauseClass {
    MACHINE_OFFLINE,
    PACKAGE,
    SIGNATURE,
    TRUST,
    NETWORK,
    DNS,
    DISK,
    MEMORY,
    PERMISSION,
    LOCK,
    DEPENDENCY,
    TIMEOUT,
    HANDLER_EXIT,
    HANDLER_CRASH,
    HANDLER_STATUS,
    PROBE,
    SETTINGS,
    STATUS_MALFORMED,
    KILLED_BY_BUDGET,
    REBOOT_PENDING,
    PLATFORM,
    /** Another installation excludes this one. */
    CONFLICT,
    /** The machine's clock is wrong. */
    CLOCK,
    /** An operator or the machine's owner stopped it. */
    CANCELLED,
    /** The agent itself is at fault. */
    AGENT;

    private final String wire = name().toLowerCase(Locale.ROOT).replace('_', '-');

    public String wire() {
        return wire;
    }

    /** The nearest word that a peer of this capability level knows. */
    public CauseClass at(int level) {
        if (level >= 2) {
            return this;
        }
        return switch (this) {
            case CONFLICT -> DEPENDENCY;
            case CLOCK -> NETWORK;
            case CANCELLED -> AGENT;
            default -> this;
        };
    }

    public static Optional<CauseClass> find(String wire) {
        for (CauseClass kind : values()) {
            if (kind.wire.equals(wire)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
