package dev.vmext.fleet;

import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.Silence;
import dev.vmext.fleet.alert.StoredRule;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One consistent state of the fleet, to be read inside {@link FleetStore#transact} or {@link FleetStore#read} only. */
public interface FleetView {
    boolean projectExists(String project);

    /** Names of all, in order. */
    List<String> projects();

    Optional<Machine> findMachine(String machineId);

    Optional<Machine> findMachine(String project, String name);

    /** Of all projects, by project and name. */
    List<Machine> machines();

    /** By name. */
    List<Machine> machines(String project);

    /** By name. */
    List<Installation> installations(String machineId);

    /** Of all machines of the project, by machine and name. */
    List<Installation> projectInstallations(String project);

    /** Of all machines of all projects, by machine id and name. */
    List<Installation> installationsOf(String extension);

    /** Newest first. */
    List<Removal> removals(String machineId);

    /** By name. */
    List<Unmanaged> unmanaged(String machineId);

    /** Of all machines of the project, by machine and name. */
    List<Unmanaged> projectUnmanaged(String project);

    /** All versions of all extensions, by extension, newest version first. */
    List<Release> releases();

    /** Newest version first, in whatever state. */
    List<Release> releases(String extension);

    Optional<Command> findCommand(String id);

    /** Of one machine, in no particular order. */
    List<Command> commands(String machineId);

    /** Of all machines: those that wait for their machine and have expired by then. */
    List<Command> waitingCommands(Instant expiredBy);

    Optional<Snapshot> findSnapshot(String id);

    /** Of one machine, in no particular order. */
    List<Snapshot> snapshots(String machineId);

    /** Of all machines, in no particular order. */
    List<Snapshot> snapshots();

    Optional<Restore> findRestore(String machineId);

    /** Of all machines. */
    List<Restore> restores();

    /** What operators wrote, by name. */
    List<StoredRule> alertRules(String project);

    /** In no particular order. */
    List<Alert> alerts(String project);

    /** Of one rule, in no particular order. */
    List<Alert> alerts(String project, String rule);

    /** Also those that are over, newest first. */
    List<Silence> silences(String project);

    Optional<Repository> findRepository(String machineId, String installation);

    /** By machine name, installation and machine id. */
    List<Repository> repositories(String project);

    Optional<Finding> findFinding(String id);

    Optional<Finding> findFinding(Finding.Key key);

    /** Those of a project that match, seen last first, equal times by id, the greatest first. */
    List<Finding> findings(String project, FindingFilter filter, int limit);

    /** Of one machine, those that are not resolved, in no particular order. */
    List<Finding> openFindings(String project, String machineId);

    /** Of those that one machine itself told, the ones that have been resolved for longest first. */
    List<Finding> oldestResolvedFindings(String project, String machineId, int limit);

    /** Of those that one machine itself told, resolved ones included. */
    long countFindings(String project, String machineId);

    /** Of all projects: those whose due time has come, the longest due first. */
    List<Finding> dueFindings(Instant by, int limit);

    Optional<FindingPosition> findFindingPosition(String machineId);

    /** Of all projects, by project and name. */
    List<Webhook> webhooks();

    /** By name. */
    List<Webhook> webhooks(String project);

    Optional<Webhook> findWebhook(String id);

    Optional<Delivery> findDelivery(String id);

    /** The oldest for this webhook whose due time has come. */
    Optional<Delivery> nextDelivery(String webhookId, Instant by);

    long countDeliveries(String webhookId);

    /** Those for this webhook that were made by then, the oldest first. */
    List<Delivery> deliveriesBefore(String webhookId, Instant createdBy, int limit);

    Optional<EnrolmentToken> findToken(String hash);

    List<EnrolmentToken> tokens(String machineId);

    Optional<MachineCertificate> findCertificate(String serial);

    List<MachineCertificate> certificates(String machineId);

    Optional<Credential> findCredential(String hash);

    /** Oldest first. */
    List<Credential> credentials(Credential.Kind kind);

    boolean hasCredentials(Credential.Kind kind);
}
