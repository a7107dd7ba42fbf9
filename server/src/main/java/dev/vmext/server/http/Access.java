package dev.vmext.server.http;

import dev.vmext.fleet.Permission;
import dev.vmext.fleet.Principal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may use a route. There is no value for "not decided", so no route can be without a rule. */
public enum Access {
    /** Anybody who reaches the port. */
    PUBLIC(null),
    /** Anybody with a token or session, whatever it may do. */
    SIGNED_IN(null),
    READ(Permission.READ),
    MACHINE_WRITE(Permission.MACHINE_WRITE),
    INSTALLATION_WRITE(Permission.INSTALLATION_WRITE),
    COMMAND_RUN(Permission.COMMAND_RUN),
    EXTENSION_PUBLISH(Permission.EXTENSION_PUBLISH),
    FINDING_WRITE(Permission.FINDING_WRITE),
    ALERT_WRITE(Permission.ALERT_WRITE),
    BACKUP_WRITE(Permission.BACKUP_WRITE),
    ENROL(Permission.ENROL),
    AUDIT_READ(Permission.AUDIT_READ),
    ACCESS_WRITE(Permission.ACCESS_WRITE);

    private final @Nullable Permission permission;

    Access(@Nullable Permission permission) {
        this.permission = permission;
    }

    Optional<Permission> permission() {
        return Optional.ofNullable(permission);
    }

    boolean allows(Principal principal) {
        return permission == null || principal.may(permission);
    }
}
