package dev.vmext.fleet;

import java.util.Objects;

/**
 * Who asks for a change; the audit log names it.
 *
 * @param name such as {@code user:admin}, {@code machine:<id>}, {@code provider:qemu}
 */
public record Actor(String name) {
    /** The control plane itself: first start, periodic work. */
    public static final Actor SYSTEM = new Actor("system");

    public Actor {
        Objects.requireNonNull(name);
        if (name.isBlank()) {
            throw new IllegalArgumentException("an actor needs a name");
        }
    }

    public static Actor user(String subject) {
        return new Actor("user:" + subject);
    }

    public static Actor machine(String machineId) {
        return new Actor("machine:" + machineId);
    }

    public static Actor provider(String provider) {
        return new Actor("provider:" + provider);
    }
}
