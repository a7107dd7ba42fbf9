package dev.vmext.protocol.status;

import java.util.Locale;
import java.util.Optional;

/** The four words of azure-contract 1.8; lower case on the wire and in files. */
public enum StatusWord {
    TRANSITIONING,
    WARNING,
    ERROR,
    SUCCESS;

    private final String wire = name().toLowerCase(Locale.ROOT);

    public String wire() {
        return wire;
    }

    public static Optional<StatusWord> find(String wire) {
        for (StatusWord word : values()) {
            if (word.wire.equals(wire)) {
                return Optional.of(word);
            }
        }
        return Optional.empty();
    }
}
