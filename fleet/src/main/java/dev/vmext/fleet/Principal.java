package dev.vmext.fleet;

import java.util.Objects;
import java.util.Set;

/** Who a caller proved to be and what it may do. */
public record Principal(String subject, Set<Permission> permissions) {
    public Principal {
        Objects.requireNonNull(subject);
        permissions = Set.copyOf(permissions);
    }

    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }

    public Actor actor() {
        return Actor.user(subject);
    }
}
