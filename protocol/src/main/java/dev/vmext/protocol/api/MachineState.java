package dev.vmext.protocol.api;

import java.util.Locale;

/** Where a machine is. The wire form is the lower-case name. */
public enum MachineState {
    /** Known, never connected. */
    EXPECTED,
    /** Its provider is making it. */
    PROVISIONING,
    ONLINE,
    OFFLINE,
    DELETING;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
