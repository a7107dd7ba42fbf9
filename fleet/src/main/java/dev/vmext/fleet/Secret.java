package dev.vmext.fleet;

import java.util.Objects;

/** A secret on its way to the one who asked for it. Only {@link #reveal} shows it, so it cannot slip into a log. */
public final class Secret {
    private final String text;

    public Secret(String text) {
        this.text = Objects.requireNonNull(text);
    }

    public String reveal() {
        return text;
    }

    @Override
    public String toString() {
        return "[hidden]";
    }
}
