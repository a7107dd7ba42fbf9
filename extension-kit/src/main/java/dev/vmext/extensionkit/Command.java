package dev.vmext.extensionkit;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The five commands of the extension contract. */
public enum Command {
    INSTALL,
    ENABLE,
    UPDATE,
    DISABLE,
    UNINSTALL;

    static Optional<Command> find(String word) {
        return Arrays.stream(values()).filter(c -> c.word().equals(word)).findFirst();
    }

    /** As written on the command line: {@code enable}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As written in a status file: {@code Enable}. */
    String title() {
        return name().charAt(0) + word().substring(1);
    }
}
