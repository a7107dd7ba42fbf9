package dev.vmext.fleet;

import java.util.Locale;
import java.util.Optional;

/** What a signed-in caller may do. The wire form is the lower-case name with hyphens. */
public enum Permission {
    READ,
    MACHINE_WRITE,
    /** The right to install is the right to be root on the machine, so it stands alone. */
    INSTALLATION_WRITE,
    /** So is the right to run commands; it also covers what they wrote. */
    COMMAND_RUN,
    EXTENSION_PUBLISH,
    /** To say that one knows of a finding. */
    FINDING_WRITE,
    /** Rules for alerts, and silences. */
    ALERT_WRITE,
    /** What is kept of backups, and work on them; not their passwords. */
    BACKUP_WRITE,
    ENROL,
    AUDIT_READ,
    /** Tokens, sign-in links, webhooks, passwords of backup repositories. */
    ACCESS_WRITE;

    private final String wire = name().toLowerCase(Locale.ROOT).replace('_', '-');

    public String wire() {
        return wire;
    }

    public static Optional<Permission> find(String wire) {
        for (Permission permission : values()) {
            if (permission.wire.equals(wire)) {
                return Optional.of(permission);
            }
        }
        return Optional.empty();
    }
}
