package dev.vmext.server.jdbc;

import dev.vmext.fleet.Command;
import dev.vmext.fleet.Credential;
import dev.vmext.fleet.Delivery;
import dev.vmext.fleet.EnrolmentToken;
import dev.vmext.fleet.Finding;
import dev.vmext.fleet.FindingFilter;
import dev.vmext.fleet.FindingPosition;
import dev.vmext.fleet.FleetView;
import dev.vmext.fleet.Installation;
import dev.vmext.fleet.Machine;
import dev.vmext.fleet.MachineCertificate;
import dev.vmext.fleet.Release;
import dev.vmext.fleet.Removal;
import dev.vmext.fleet.Repository;
import dev.vmext.fleet.Restore;
import dev.vmext.fleet.Snapshot;
import dev.vmext.fleet.Unmanaged;
import dev.vmext.fleet.Webhook;
import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.Silence;
import dev.vmext.fleet.alert.StoredRule;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What one transaction sees. Lives as long as it does, on its thread. */
final class SqliteView implements FleetView {
    private static final String PROJECT = "select count(*) from project where name = :name";

    private static final String PROJECTS = "select name from project order by name";

    private final Handle handle;
    private final ReleaseRows releases;

    SqliteView(Handle handle, ReleaseRows releases) {
        this.handle = handle;
        this.releases = releases;
    }

    @Override
    public boolean projectExists(String project) {
        return handle.createQuery(PROJECT)
                        .bind("name", project)
                        .mapTo(Long.class)
                        .one()
                > 0;
    }

    @Override
    public Optional<Machine> findMachine(String machineId) {
        return MachineRows.find(handle, machineId);
    }

    @Override
    public Optional<Machine> findMachine(String project, String name) {
        return MachineRows.find(handle, project, name);
    }

    @Override
    public List<Machine> machines() {
        return MachineRows.all(handle);
    }

    @Override
    public List<Machine> machines(String project) {
        return MachineRows.ofProject(handle, project);
    }

    @Override
    public List<Installation> installations(String machineId) {
        return InstallationRows.ofMachine(handle, machineId);
    }

    @Override
    public List<Installation> projectInstallations(String project) {
        return InstallationRows.ofProject(handle, project);
    }

    @Override
    public List<Installation> installationsOf(String extension) {
        return InstallationRows.ofExtension(handle, extension);
    }

    @Override
    public List<Removal> removals(String machineId) {
        return LeftoverRows.removals(handle, machineId);
    }

    @Override
    public List<Unmanaged> unmanaged(String machineId) {
        return LeftoverRows.ofMachine(handle, machineId);
    }

    @Override
    public List<Unmanaged> projectUnmanaged(String project) {
        return LeftoverRows.ofProject(handle, project);
    }

    @Override
    public List<Release> releases() {
        return releases.all(handle);
    }

    @Override
    public List<Release> releases(String extension) {
        return releases.of(handle, extension);
    }

    @Override
    public Optional<Command> findCommand(String id) {
        return CommandRows.find(handle, id);
    }

    @Override
    public List<Command> commands(String machineId) {
        return CommandRows.ofMachine(handle, machineId);
    }

    @Override
    public List<Command> waitingCommands(Instant expiredBy) {
        return CommandRows.waiting(handle, expiredBy);
    }

    @Override
    public Optional<Snapshot> findSnapshot(String id) {
        return SnapshotRows.find(handle, id);
    }

    @Override
    public List<Snapshot> snapshots(String machineId) {
        return SnapshotRows.ofMachine(handle, machineId);
    }

    @Override
    public List<Snapshot> snapshots() {
        return SnapshotRows.all(handle);
    }

    @Override
    public Optional<Restore> findRestore(String machineId) {
        return SnapshotRows.findRestore(handle, machineId);
    }

    @Override
    public List<Restore> restores() {
        return SnapshotRows.restores(handle);
    }

    @Override
    public List<String> projects() {
        return handle.createQuery(PROJECTS).mapTo(String.class).list();
    }

    @Override
    public List<StoredRule> alertRules(String project) {
        return AlertRows.rules(handle, project);
    }

    @Override
    public List<Alert> alerts(String project) {
        return AlertRows.alerts(handle, project);
    }

    @Override
    public List<Alert> alerts(String project, String rule) {
        return AlertRows.alerts(handle, project, rule);
    }

    @Override
    public List<Silence> silences(String project) {
        return AlertRows.silences(handle, project);
    }

    @Override
    public Optional<Repository> findRepository(String machineId, String installation) {
        return RepositoryRows.find(handle, machineId, installation);
    }

    @Override
    public List<Repository> repositories(String project) {
        return RepositoryRows.ofProject(handle, project);
    }

    @Override
    public Optional<Finding> findFinding(String id) {
        return FindingRows.find(handle, id);
    }

    @Override
    public Optional<Finding> findFinding(Finding.Key key) {
        return FindingRows.find(handle, key);
    }

    @Override
    public List<Finding> findings(String project, FindingFilter filter, int limit) {
        return FindingRows.list(handle, project, filter, limit);
    }

    @Override
    public List<Finding> openFindings(String project, String machineId) {
        return FindingRows.open(handle, project, machineId);
    }

    @Override
    public List<Finding> oldestResolvedFindings(String project, String machineId, int limit) {
        return FindingRows.oldestResolved(handle, project, machineId, limit);
    }

    @Override
    public long countFindings(String project, String machineId) {
        return FindingRows.count(handle, project, machineId);
    }

    @Override
    public List<Finding> dueFindings(Instant by, int limit) {
        return FindingRows.due(handle, by, limit);
    }

    @Override
    public Optional<FindingPosition> findFindingPosition(String machineId) {
        return FindingRows.position(handle, machineId);
    }

    @Override
    public List<Webhook> webhooks() {
        return WebhookRows.all(handle);
    }

    @Override
    public List<Webhook> webhooks(String project) {
        return WebhookRows.ofProject(handle, project);
    }

    @Override
    public Optional<Webhook> findWebhook(String id) {
        return WebhookRows.find(handle, id);
    }

    @Override
    public Optional<Delivery> findDelivery(String id) {
        return WebhookRows.findDelivery(handle, id);
    }

    @Override
    public Optional<Delivery> nextDelivery(String webhookId, Instant by) {
        return WebhookRows.next(handle, webhookId, by);
    }

    @Override
    public long countDeliveries(String webhookId) {
        return WebhookRows.count(handle, webhookId);
    }

    @Override
    public List<Delivery> deliveriesBefore(String webhookId, Instant createdBy, int limit) {
        return WebhookRows.oldest(handle, webhookId, createdBy, limit);
    }

    @Override
    public Optional<EnrolmentToken> findToken(String hash) {
        return AccessRows.findToken(handle, hash);
    }

    @Override
    public List<EnrolmentToken> tokens(String machineId) {
        return AccessRows.tokens(handle, machineId);
    }

    @Override
    public Optional<MachineCertificate> findCertificate(String serial) {
        return AccessRows.findCertificate(handle, serial);
    }

    @Override
    public List<MachineCertificate> certificates(String machineId) {
        return AccessRows.certificates(handle, machineId);
    }

    @Override
    public Optional<Credential> findCredential(String hash) {
        return AccessRows.findCredential(handle, hash);
    }

    @Override
    public List<Credential> credentials(Credential.Kind kind) {
        return AccessRows.credentials(handle, kind);
    }

    @Override
    public boolean hasCredentials(Credential.Kind kind) {
        return AccessRows.hasCredentials(handle, kind);
    }
}
