package dev.vmext.protocol.exec;

import java.util.Locale;

/** Where a command writes to. The wire form is the lower-case name. */
public enum CommandStream {
    OUT,
    ERR;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
