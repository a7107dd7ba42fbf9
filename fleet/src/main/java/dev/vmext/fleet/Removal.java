package dev.vmext.fleet;

import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;

/**
 * An installation that this control plane has no longer: how it went and what was last known of it. Stores keep the newest
 * {@link #KEPT} of each machine.
 *
 * @param last the last status; after an uninstall it carries the removal report, when the agent made one
 */
public record Removal(String machineId, String project, String machine, InstallationStatus last, Instant at, How how) {
    /** How many are kept of one machine. */
    public static final int KEPT = 50;

    public Removal {
        Objects.requireNonNull(machineId);
        Objects.requireNonNull(project);
        Objects.requireNonNull(machine);
        Objects.requireNonNull(last);
        Objects.requireNonNull(at);
        Objects.requireNonNull(how);
    }

    /** How it went. The wire form is the lower-case name. */
    public enum How {
        /** The machine reported it removed. */
        UNINSTALLED,
        /** An operator dropped the record; the machine was not asked. */
        FORGOTTEN;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
