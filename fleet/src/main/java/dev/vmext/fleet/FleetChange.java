package dev.vmext.fleet;

import dev.vmext.fleet.Credential.Kind;
import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertKey;
import dev.vmext.fleet.alert.Silence;
import dev.vmext.fleet.alert.StoredRule;
import java.time.Instant;
import java.util.Map;

/**
 * One change that a decision asks the store for. A put of something with revision 0 adds it; any other replaces the row of that
 * revision, and when that row has moved on, the whole decision is refused with revision-conflict.
 */
public sealed interface FleetChange {
    /** Never writes the last-seen time; {@link Seen} does. */
    record MachinePut(Machine machine) implements FleetChange {}

    /** The machine with all that belongs to it, and its tokens. Its certificates stay, revoked, so that they are known when they come back. */
    record MachineGone(String machineId, String project, String name) implements FleetChange {}

    /** Nothing stored changed, but what people see of the machine did. */
    record MachineTouched(String project, String name) implements FleetChange {}

    record InstallationPut(Installation installation) implements FleetChange {}

    record InstallationGone(String machineId, String project, String machine, String name) implements FleetChange {}

    /** Nothing stored changed, but what people see of the installation did. */
    record InstallationTouched(String project, String machine, String name) implements FleetChange {}

    /** Beyond the newest {@link Removal#KEPT} of its machine the oldest ones go. */
    record RemovalPut(Removal removal) implements FleetChange {}

    /** Replaces what is known under that name. */
    record UnmanagedPut(Unmanaged unmanaged) implements FleetChange {}

    record UnmanagedGone(String machineId, String project, String machine, String name) implements FleetChange {}

    record ReleasePut(Release release) implements FleetChange {}

    record CommandPut(Command command) implements FleetChange {}

    record CommandGone(String id, String project, String machine) implements FleetChange {
        static CommandGone of(Command command) {
            return new CommandGone(command.id(), command.project(), command.machine());
        }
    }

    /** Of rules, alerts and silences; a put of an alert or a rule is refused when its row has moved on. */
    sealed interface AlertChange extends FleetChange {
        record RulePut(StoredRule rule) implements AlertChange {}

        record RuleGone(String project, String name) implements AlertChange {}

        record AlertPut(Alert alert) implements AlertChange {}

        record AlertGone(String project, AlertKey key) implements AlertChange {}

        /** Replaces the one of that id. */
        record SilencePut(Silence silence) implements AlertChange {}

        record SilenceGone(String project, String id) implements AlertChange {}
    }

    record RepositoryPut(Repository repository) implements FleetChange {}

    /** Its files are deleted by whoever decided it. */
    record RepositoryGone(String machineId, String project, String machine, String installation)
            implements FleetChange {}

    /** Of snapshots of disks, and of machines that are put back to one. */
    sealed interface SnapshotChange extends FleetChange {
        record SnapshotPut(Snapshot snapshot) implements SnapshotChange {}

        record SnapshotGone(String id, String project, String machine) implements SnapshotChange {
            static FleetChange of(Snapshot snapshot) {
                return new SnapshotGone(snapshot.id(), snapshot.project(), snapshot.machine());
            }
        }

        /** Replaces the machine's. */
        record RestorePut(Restore restore) implements SnapshotChange {}

        record RestoreGone(String machineId) implements SnapshotChange {}
    }

    record FindingPut(Finding finding) implements FleetChange {}

    record FindingGone(String id, String project, String machine) implements FleetChange {}

    /** Replaces the machine's. */
    record FindingPositionPut(FindingPosition position) implements FleetChange {}

    record WebhookPut(Webhook webhook) implements FleetChange {}

    /** Tells those who watch that its receiver began or ceased to fail. */
    record WebhookTouched(String project, String name) implements FleetChange {}

    /** With everything that waits for it. */
    record WebhookGone(String id, String project, String name) implements FleetChange {}

    record DeliveryPut(Delivery delivery) implements FleetChange {}

    record DeliveryGone(String id) implements FleetChange {}

    record TokenPut(EnrolmentToken token) implements FleetChange {}

    /** All tokens of the machine that were not used. */
    record TokensVoid(String machineId) implements FleetChange {}

    record CertificatePut(MachineCertificate certificate) implements FleetChange {}

    record CredentialPut(Credential credential) implements FleetChange {}

    record CredentialGone(String hash) implements FleetChange {}

    record CredentialsExpired(Kind kind, Instant before) implements FleetChange {}

    record Seen(Map<String, Instant> machines) implements FleetChange {
        public Seen {
            machines = Map.copyOf(machines);
        }
    }
}
