package dev.vmext.fleet.testing;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.AuditChain;
import dev.vmext.fleet.ChangeFeed;
import dev.vmext.fleet.ChangeListener;
import dev.vmext.fleet.Command;
import dev.vmext.fleet.Credential;
import dev.vmext.fleet.Decider;
import dev.vmext.fleet.Decision;
import dev.vmext.fleet.Delivery;
import dev.vmext.fleet.EnrolmentToken;
import dev.vmext.fleet.Finding;
import dev.vmext.fleet.FindingFilter;
import dev.vmext.fleet.FindingPosition;
import dev.vmext.fleet.FleetChange;
import dev.vmext.fleet.FleetStore;
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
import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.finding.FindingState;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Remembers in maps. Thread-safe: one lock around every decision and every query. */
public final class InMemoryFleetStore implements FleetStore {
    private final Map<String, Machine> machines = new HashMap<>();
    private final Map<String, Map<String, Installation>> installations = new HashMap<>();
    private final Map<String, List<Removal>> removals = new HashMap<>();
    private final Map<String, TreeMap<String, Unmanaged>> unmanaged = new HashMap<>();
    private final List<Release> releases = new ArrayList<>();
    private final Map<String, Command> commands = new HashMap<>();
    private final AlertsInMemory alerts = new AlertsInMemory();
    private final Map<String, Repository> repositories = new TreeMap<>();
    private final SnapshotsInMemory snapshots = new SnapshotsInMemory();
    private final Map<String, Finding> findings = new HashMap<>();
    private final Map<Finding.Key, String> findingIds = new HashMap<>();
    private final Map<String, FindingPosition> positions = new HashMap<>();
    private final Map<String, Webhook> webhooks = new HashMap<>();
    private final Map<String, Delivery> deliveries = new LinkedHashMap<>();
    private final Map<String, EnrolmentToken> tokens = new HashMap<>();
    private final Map<String, MachineCertificate> certificates = new HashMap<>();
    private final Map<String, Credential> credentials = new HashMap<>();
    private final List<AuditEntry> audit = new ArrayList<>();
    private final List<ChangeEvent> feed = new ArrayList<>();
    private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();
    private final FleetView view = new View();
    private boolean closed;

    @Override
    public <A> A transact(Actor actor, Decider<A> decider) {
        A answer;
        List<String> touched;
        List<ChangeEvent> events;
        synchronized (this) {
            refuseClosed();
            Decision<A> decision = decider.decide(view);
            decision.changes().forEach(this::checkRevision);
            decision.changes().forEach(this::apply);
            decision.audit()
                    .ifPresent(note -> audit.add(AuditChain.next(
                            audit.size(),
                            audit.isEmpty() ? AuditChain.START : audit.getLast().hash(),
                            actor,
                            note)));
            events = ChangeFeed.events(decision.changes(), feed.size() + 1L);
            feed.addAll(events);
            touched = ChangeFeed.machines(decision.changes());
            answer = decision.answer();
        }
        if (!events.isEmpty()) {
            listeners.forEach(listener -> listener.committed(touched, events));
        }
        return answer;
    }

    @Override
    public synchronized <A> A read(Function<FleetView, A> query) {
        refuseClosed();
        return query.apply(view);
    }

    private void refuseClosed() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
    }

    /** Before anything is applied, so that a refused decision leaves nothing behind. */
    private void checkRevision(FleetChange change) {
        switch (change) {
            case FleetChange.MachinePut(var put) -> {
                Machine stored = machines.get(put.id());
                expect("machine " + put.name(), put.revision(), stored == null ? 0 : stored.revision());
                boolean taken = machines.values().stream()
                        .anyMatch(other -> !other.id().equals(put.id())
                                && other.project().equals(put.project())
                                && other.name().equals(put.name()));
                if (taken) {
                    throw conflict("machine " + put.name());
                }
            }
            case FleetChange.InstallationPut(var put) -> {
                Installation stored =
                        installations.getOrDefault(put.machineId(), Map.of()).get(put.name());
                expect("installation " + put.name(), put.revision(), stored == null ? 0 : stored.revision());
            }
            case FleetChange.ReleasePut(var put) ->
                expect(
                        put.extension() + " " + put.version(),
                        put.revision(),
                        releases.stream()
                                .filter(stored -> same(stored, put))
                                .findFirst()
                                .map(Release::revision)
                                .orElse(0L));
            case FleetChange.CommandPut(var put) -> {
                Command stored = commands.get(put.id());
                expect("command " + put.id(), put.revision(), stored == null ? 0 : stored.revision());
            }
            case FleetChange.SnapshotChange.SnapshotPut(var put) ->
                expect("snapshot " + put.id(), put.revision(), snapshots.revision(put.id()));
            case FleetChange.AlertChange alert ->
                alerts.stored(alert).ifPresent(stored -> expect(stored.what(), stored.expected(), stored.found()));
            case FleetChange.RepositoryPut(var put) -> {
                Repository stored = repositories.get(put.place());
                expect("repository " + put.place(), put.revision(), stored == null ? 0 : stored.revision());
            }
            case FleetChange.FindingPut(var put) -> {
                Finding stored = findings.get(put.id());
                expect("finding " + put.id(), put.revision(), stored == null ? 0 : stored.revision());
                if (!findingIds.getOrDefault(put.key(), put.id()).equals(put.id())) {
                    throw conflict("finding " + put.id());
                }
            }
            case FleetChange.WebhookPut(var put) -> {
                Webhook stored = webhooks.get(put.id());
                expect("webhook " + put.name(), put.revision(), stored == null ? 0 : stored.revision());
                if (webhooks.values().stream()
                        .anyMatch(other -> !other.id().equals(put.id())
                                && other.project().equals(put.project())
                                && other.name().equals(put.name()))) {
                    throw conflict("webhook " + put.name());
                }
            }
            case FleetChange.DeliveryPut(var put) -> {
                Delivery stored = deliveries.get(put.id());
                expect("message " + put.id(), put.revision(), stored == null ? 0 : stored.revision());
            }
            case FleetChange.MachineGone _,
                    FleetChange.SnapshotChange _,
                    FleetChange.WebhookGone _,
                    FleetChange.DeliveryGone _,
                    FleetChange.CommandGone _,
                    FleetChange.RepositoryGone _,
                    FleetChange.FindingGone _,
                    FleetChange.FindingPositionPut _,
                    FleetChange.MachineTouched _,
                    FleetChange.InstallationGone _,
                    FleetChange.InstallationTouched _,
                    FleetChange.WebhookTouched _,
                    FleetChange.RemovalPut _,
                    FleetChange.UnmanagedPut _,
                    FleetChange.UnmanagedGone _,
                    FleetChange.TokenPut _,
                    FleetChange.TokensVoid _,
                    FleetChange.CertificatePut _,
                    FleetChange.CredentialPut _,
                    FleetChange.CredentialGone _,
                    FleetChange.CredentialsExpired _,
                    FleetChange.Seen _ -> {}
        }
    }

    private static void expect(String what, long expected, long stored) {
        if (expected != stored) {
            throw conflict(what);
        }
    }

    private static ProblemException conflict(String what) {
        return new ProblemException(
                ProblemCode.REVISION_CONFLICT,
                "cannot change " + what + ": somebody else changed it meanwhile",
                "look at it and try again");
    }

    private static boolean same(Release a, Release b) {
        return a.extension().equals(b.extension()) && a.version().equals(b.version());
    }

    private void apply(FleetChange change) {
        switch (change) {
            case FleetChange.MachinePut(var put) -> {
                Machine stored = machines.get(put.id());
                Instant seen = stored == null ? put.lastSeen() : stored.lastSeen();
                machines.put(put.id(), put.stored(seen, put.revision() + 1));
            }
            case FleetChange.MachineGone gone -> {
                String id = gone.machineId();
                machines.remove(id);
                installations.remove(id);
                unmanaged.remove(id);
                removals.remove(id);
                positions.remove(id);
                snapshots.machineGone(id);
                commands.values().removeIf(command -> command.machineId().equals(id));
                tokens.values().removeIf(token -> token.machineId().equals(id));
            }
            case FleetChange.InstallationPut(var put) ->
                installations
                        .computeIfAbsent(put.machineId(), id -> new TreeMap<>())
                        .put(put.name(), put.stored(put.revision() + 1));
            case FleetChange.InstallationGone gone -> {
                Map<String, Installation> left = installations.get(gone.machineId());
                if (left != null) {
                    left.remove(gone.name());
                }
            }
            case FleetChange.RemovalPut(var removal) -> {
                List<Removal> kept = removals.computeIfAbsent(removal.machineId(), id -> new ArrayList<>());
                kept.addFirst(removal);
                if (kept.size() > Removal.KEPT) {
                    kept.removeLast();
                }
            }
            case FleetChange.UnmanagedPut(var one) ->
                unmanaged
                        .computeIfAbsent(one.machineId(), id -> new TreeMap<>())
                        .put(one.name(), one);
            case FleetChange.UnmanagedGone gone ->
                unmanaged.getOrDefault(gone.machineId(), new TreeMap<>()).remove(gone.name());
            case FleetChange.ReleasePut(var put) -> {
                releases.removeIf(stored -> same(stored, put));
                releases.add(put.stored(put.state(), put.revision() + 1));
                releases.sort(Comparator.comparing(Release::extension)
                        .thenComparing(Comparator.comparing(Release::version).reversed()));
            }
            case FleetChange.CommandPut(var put) -> commands.put(put.id(), put.stored(put.revision() + 1));
            case FleetChange.CommandGone gone -> commands.remove(gone.id());
            case FleetChange.AlertChange alert -> alerts.apply(alert);
            case FleetChange.RepositoryPut(var put) -> repositories.put(put.place(), put.stored(put.revision() + 1));
            case FleetChange.RepositoryGone gone -> repositories.remove(gone.machineId() + "/" + gone.installation());
            case FleetChange.SnapshotChange snapshot -> snapshots.apply(snapshot);
            case FleetChange.FindingPut(var put) -> {
                findings.put(put.id(), put.stored(put.revision() + 1));
                findingIds.put(put.key(), put.id());
            }
            case FleetChange.FindingGone gone -> {
                Finding left = findings.remove(gone.id());
                if (left != null) {
                    findingIds.remove(left.key());
                }
            }
            case FleetChange.FindingPositionPut(var put) -> positions.put(put.machineId(), put);
            case FleetChange.WebhookPut(var put) -> webhooks.put(put.id(), put.stored(put.revision() + 1));
            case FleetChange.WebhookGone gone -> {
                webhooks.remove(gone.id());
                deliveries.values().removeIf(delivery -> delivery.webhookId().equals(gone.id()));
            }
            case FleetChange.DeliveryPut(var put) -> deliveries.put(put.id(), put.stored(put.revision() + 1));
            case FleetChange.DeliveryGone(var id) -> deliveries.remove(id);
            case FleetChange.TokenPut(var token) -> tokens.put(token.hash(), token);
            case FleetChange.TokensVoid(var id) ->
                tokens.values().removeIf(token -> token.machineId().equals(id) && token.usedAt() == null);
            case FleetChange.CertificatePut(var certificate) -> certificates.put(certificate.serial(), certificate);
            case FleetChange.CredentialPut(var credential) -> credentials.put(credential.hash(), credential);
            case FleetChange.CredentialGone(var hash) -> credentials.remove(hash);
            case FleetChange.CredentialsExpired(var kind, var before) ->
                credentials.values().removeIf(credential -> {
                    Instant end = credential.expiresAt();
                    return credential.kind() == kind && end != null && !before.isBefore(end);
                });
            case FleetChange.Seen(var seen) ->
                seen.forEach((id, at) ->
                        machines.computeIfPresent(id, (same, machine) -> machine.stored(at, machine.revision())));
            case FleetChange.MachineTouched _, FleetChange.InstallationTouched _, FleetChange.WebhookTouched _ -> {}
        }
    }

    @Override
    public synchronized List<AuditEntry> auditFrom(long number, int limit) {
        return audit.stream()
                .filter(entry -> entry.number() >= number)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized List<AuditEntry> newestAudit(int limit) {
        return audit.reversed().stream().limit(limit).toList();
    }

    @Override
    public synchronized List<ChangeEvent> changesAfter(long id, int limit) {
        return feed.stream().filter(event -> event.id() > id).limit(limit).toList();
    }

    @Override
    public synchronized long lastChange() {
        return feed.size();
    }

    @Override
    public void onCommit(ChangeListener listener) {
        listeners.add(listener);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    /** For tests of the chain: changes an entry as somebody with the database file could. */
    public synchronized void tamperWithAudit(long number, String detail) {
        AuditEntry entry = audit.get((int) number - 1);
        audit.set(
                (int) number - 1,
                new AuditEntry(
                        entry.number(),
                        entry.at(),
                        entry.actor(),
                        entry.action(),
                        entry.subject(),
                        detail,
                        entry.hash()));
    }

    /** Looks into the maps; only used while the lock is held. */
    private final class View implements FleetView {
        @Override
        public boolean projectExists(String project) {
            return project.equals("default");
        }

        @Override
        public List<String> projects() {
            return List.of("default");
        }

        @Override
        public Optional<Snapshot> findSnapshot(String id) {
            return snapshots.find(id);
        }

        @Override
        public List<Snapshot> snapshots(String machineId) {
            return snapshots.all().stream()
                    .filter(one -> one.machineId().equals(machineId))
                    .toList();
        }

        @Override
        public List<Snapshot> snapshots() {
            return snapshots.all();
        }

        @Override
        public Optional<Restore> findRestore(String machineId) {
            return snapshots.findRestore(machineId);
        }

        @Override
        public List<Restore> restores() {
            return snapshots.restores();
        }

        @Override
        public List<StoredRule> alertRules(String project) {
            return alerts.rules(project);
        }

        @Override
        public List<Alert> alerts(String project) {
            return alerts.alerts(project);
        }

        @Override
        public List<Alert> alerts(String project, String rule) {
            return alerts.alerts(project).stream()
                    .filter(alert -> alert.key().rule().equals(rule))
                    .toList();
        }

        @Override
        public List<Silence> silences(String project) {
            return alerts.silences(project);
        }

        @Override
        public Optional<Machine> findMachine(String machineId) {
            return Optional.ofNullable(machines.get(machineId));
        }

        @Override
        public Optional<Machine> findMachine(String project, String name) {
            return machines.values().stream()
                    .filter(machine ->
                            machine.project().equals(project) && machine.name().equals(name))
                    .findFirst();
        }

        @Override
        public List<Machine> machines() {
            return machines.values().stream()
                    .sorted(Comparator.comparing(Machine::project).thenComparing(Machine::name))
                    .toList();
        }

        @Override
        public List<Machine> machines(String project) {
            return machines().stream()
                    .filter(machine -> machine.project().equals(project))
                    .toList();
        }

        @Override
        public List<Installation> installations(String machineId) {
            return List.copyOf(installations.getOrDefault(machineId, Map.of()).values());
        }

        @Override
        public List<Installation> projectInstallations(String project) {
            return machines(project).stream()
                    .flatMap(machine -> installations(machine.id()).stream())
                    .toList();
        }

        @Override
        public List<Installation> installationsOf(String extension) {
            return installations.values().stream()
                    .flatMap(ofMachine -> ofMachine.values().stream())
                    .filter(installation -> installation.want().extension().equals(extension))
                    .sorted(Comparator.comparing(Installation::machineId).thenComparing(Installation::name))
                    .toList();
        }

        @Override
        public List<Removal> removals(String machineId) {
            return List.copyOf(removals.getOrDefault(machineId, List.of()));
        }

        @Override
        public List<Unmanaged> unmanaged(String machineId) {
            return List.copyOf(
                    unmanaged.getOrDefault(machineId, new TreeMap<>()).values());
        }

        @Override
        public List<Unmanaged> projectUnmanaged(String project) {
            return machines(project).stream()
                    .flatMap(machine -> unmanaged(machine.id()).stream())
                    .toList();
        }

        @Override
        public List<Release> releases() {
            return List.copyOf(releases);
        }

        @Override
        public List<Release> releases(String extension) {
            return releases.stream()
                    .filter(release -> release.extension().equals(extension))
                    .toList();
        }

        @Override
        public Optional<Command> findCommand(String id) {
            return Optional.ofNullable(commands.get(id));
        }

        @Override
        public List<Command> commands(String machineId) {
            return commands.values().stream()
                    .filter(command -> command.machineId().equals(machineId))
                    .toList();
        }

        @Override
        public List<Command> waitingCommands(Instant expiredBy) {
            return commands.values().stream()
                    .filter(command -> command.progress().state() == CommandState.WAITING_MACHINE
                            && !expiredBy.isBefore(command.expiresAt()))
                    .toList();
        }

        @Override
        public Optional<Repository> findRepository(String machineId, String installation) {
            return Optional.ofNullable(repositories.get(machineId + "/" + installation));
        }

        @Override
        public List<Repository> repositories(String project) {
            return repositories.values().stream()
                    .filter(one -> one.project().equals(project))
                    .sorted(Comparator.comparing(Repository::machine)
                            .thenComparing(Repository::installation)
                            .thenComparing(Repository::machineId))
                    .toList();
        }

        @Override
        public Optional<Finding> findFinding(String id) {
            return Optional.ofNullable(findings.get(id));
        }

        @Override
        public Optional<Finding> findFinding(Finding.Key key) {
            String id = findingIds.get(key);
            return id == null ? Optional.empty() : findFinding(id);
        }

        @Override
        public List<Finding> findings(String project, FindingFilter filter, int limit) {
            Comparator<Finding> byPlace = Comparator.<Finding, Instant>comparing(
                            finding -> finding.sights().last())
                    .thenComparing(Finding::id)
                    .reversed();
            FindingFilter.Place after = filter.after();
            return findings.values().stream()
                    .filter(finding -> finding.key().project().equals(project) && filter.matches(finding))
                    .filter(finding -> after == null || comesAfter(finding, after))
                    .sorted(byPlace)
                    .limit(limit)
                    .toList();
        }

        private static boolean comesAfter(Finding finding, FindingFilter.Place place) {
            int order = finding.sights().last().compareTo(place.lastSeen());
            return order < 0 || (order == 0 && finding.id().compareTo(place.id()) < 0);
        }

        private List<Finding> findingsOf(String project, String machineId) {
            return findings.values().stream()
                    .filter(finding -> finding.key().project().equals(project)
                            && finding.key().machineId().equals(machineId))
                    .toList();
        }

        @Override
        public List<Finding> openFindings(String project, String machineId) {
            return findingsOf(project, machineId).stream()
                    .filter(finding -> finding.standing().state() != FindingState.RESOLVED)
                    .toList();
        }

        @Override
        public List<Finding> oldestResolvedFindings(String project, String machineId, int limit) {
            return findingsOf(project, machineId).stream()
                    .filter(finding -> finding.key().source() == Finding.Source.MACHINE)
                    .filter(finding -> finding.standing().state() == FindingState.RESOLVED)
                    .sorted(Comparator.<Finding, Instant>comparing(
                                    finding -> finding.standing().since())
                            .thenComparing(Finding::id))
                    .limit(limit)
                    .toList();
        }

        @Override
        public long countFindings(String project, String machineId) {
            return findingsOf(project, machineId).stream()
                    .filter(finding -> finding.key().source() == Finding.Source.MACHINE)
                    .count();
        }

        @Override
        public List<Finding> dueFindings(Instant by, int limit) {
            return findings.values().stream()
                    .filter(finding -> {
                        Instant due = finding.dueAt();
                        return due != null && !due.isAfter(by);
                    })
                    .sorted(Comparator.comparing(finding -> Objects.requireNonNull(finding.dueAt())))
                    .limit(limit)
                    .toList();
        }

        @Override
        public Optional<FindingPosition> findFindingPosition(String machineId) {
            return Optional.ofNullable(positions.get(machineId));
        }

        @Override
        public List<Webhook> webhooks() {
            return webhooks.values().stream()
                    .sorted(Comparator.comparing(Webhook::project).thenComparing(Webhook::name))
                    .toList();
        }

        @Override
        public List<Webhook> webhooks(String project) {
            return webhooks().stream()
                    .filter(webhook -> webhook.project().equals(project))
                    .toList();
        }

        @Override
        public Optional<Webhook> findWebhook(String id) {
            return Optional.ofNullable(webhooks.get(id));
        }

        @Override
        public Optional<Delivery> findDelivery(String id) {
            return Optional.ofNullable(deliveries.get(id));
        }

        private List<Delivery> deliveriesOf(String webhookId) {
            return deliveries.values().stream()
                    .filter(delivery -> delivery.webhookId().equals(webhookId))
                    .toList();
        }

        @Override
        public Optional<Delivery> nextDelivery(String webhookId, Instant by) {
            return deliveriesOf(webhookId).stream()
                    .filter(delivery -> !delivery.due().isAfter(by))
                    .findFirst();
        }

        @Override
        public long countDeliveries(String webhookId) {
            return deliveriesOf(webhookId).size();
        }

        @Override
        public List<Delivery> deliveriesBefore(String webhookId, Instant createdBy, int limit) {
            return deliveriesOf(webhookId).stream()
                    .filter(delivery -> !delivery.createdAt().isAfter(createdBy))
                    .limit(limit)
                    .toList();
        }

        @Override
        public Optional<EnrolmentToken> findToken(String hash) {
            return Optional.ofNullable(tokens.get(hash));
        }

        @Override
        public List<EnrolmentToken> tokens(String machineId) {
            return tokens.values().stream()
                    .filter(token -> token.machineId().equals(machineId))
                    .toList();
        }

        @Override
        public Optional<MachineCertificate> findCertificate(String serial) {
            return Optional.ofNullable(certificates.get(serial));
        }

        @Override
        public List<MachineCertificate> certificates(String machineId) {
            return certificates.values().stream()
                    .filter(certificate -> certificate.machineId().equals(machineId))
                    .toList();
        }

        @Override
        public Optional<Credential> findCredential(String hash) {
            return Optional.ofNullable(credentials.get(hash));
        }

        @Override
        public List<Credential> credentials(Credential.Kind kind) {
            return credentials.values().stream()
                    .filter(credential -> credential.kind() == kind)
                    .sorted(Comparator.comparing(Credential::createdAt).thenComparing(Credential::hash))
                    .toList();
        }

        @Override
        public boolean hasCredentials(Credential.Kind kind) {
            return credentials.values().stream().anyMatch(credential -> credential.kind() == kind);
        }
    }
}
