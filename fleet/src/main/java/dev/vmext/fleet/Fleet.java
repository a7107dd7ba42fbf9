package dev.vmext.fleet;

import dev.vmext.fleet.alert.MetricSource;
import dev.vmext.packageformat.manifest.GatewayUse;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.AlertRuleView;
import dev.vmext.protocol.api.AlertRuleWrite;
import dev.vmext.protocol.api.AlertView;
import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.api.CommandCreate;
import dev.vmext.protocol.api.CommandView;
import dev.vmext.protocol.api.DiskSnapshotView;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.api.FindingAcknowledge;
import dev.vmext.protocol.api.FindingPage;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.api.Forgotten;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineRecover;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.RemovedView;
import dev.vmext.protocol.api.RepositoryKey;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.api.RepositoryWrite;
import dev.vmext.protocol.api.SilenceCreate;
import dev.vmext.protocol.api.SilenceView;
import dev.vmext.protocol.api.SnapshotCreate;
import dev.vmext.protocol.api.TokenView;
import dev.vmext.protocol.api.WebhookCreate;
import dev.vmext.protocol.api.WebhookView;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.finding.FindingAck;
import dev.vmext.protocol.finding.FindingBatch;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The one entry to the control plane. Every call decides on a consistent view of the store and applies the decision in one
 * transaction; expected failures are {@code ProblemException}s. Holds no state of its own, so it is as thread-safe as its store.
 */
public final class Fleet {
    private static final int AUDIT_PAGE = 1000;

    private final FleetStore store;
    private final Machines machines;
    private final Catalog catalog;
    private final Installations installations;
    private final Goals goals;
    private final GatewayUses gatewayUses;
    private final Commands commands;
    private final Findings findings;
    private final Repositories repositories;
    private final Webhooks webhooks;
    private final AlertRules alertRules;
    private final Alerts alerts;
    private final Silences silences;
    private final Snapshots snapshots;
    private final Recovery recovery;
    private final Enrolments enrolments;
    private final Access access;

    public Fleet(
            FleetStore behind,
            InstantSource clock,
            IdSource ids,
            SettingsValidator validator,
            Sealer sealer,
            Liveness liveness) {
        this.store = new FollowedStore(behind, new Consequences(ids), clock);
        FleetParts parts = new FleetParts(
                this.store,
                clock,
                ids,
                new Secrets(ids),
                sealer,
                new Views(liveness, clock),
                new GoalCompiler(sealer),
                new InstallationDecisions(ids, new SettingsRules(validator), sealer));
        this.machines = new Machines(parts);
        this.catalog = new Catalog(parts);
        this.installations = new Installations(parts);
        this.goals = new Goals(parts);
        this.gatewayUses = new GatewayUses(parts);
        this.commands = new Commands(parts);
        this.findings = new Findings(parts, liveness);
        this.repositories = new Repositories(parts);
        this.webhooks = new Webhooks(parts);
        this.alertRules = new AlertRules(parts);
        this.alerts = new Alerts(parts, liveness);
        this.silences = new Silences(parts);
        this.snapshots = new Snapshots(parts);
        this.recovery = new Recovery(parts, liveness);
        this.enrolments = new Enrolments(parts);
        this.access = new Access(parts);
    }

    // Machines

    /** Declares a machine with its installations. Its provider makes it afterwards; the id is fixed from here on. */
    public MachineView createMachine(Actor actor, String project, MachineCreate request) {
        return machines.createMachine(actor, project, request);
    }

    public List<MachineView> listMachines(String project) {
        return machines.listMachines(project);
    }

    public MachineView getMachine(String project, String name) {
        return machines.getMachine(project, name);
    }

    /** For the parts of the server that make and connect machines. */
    public MachineRecord machineRecord(String project, String name) {
        return machines.machineRecord(project, name);
    }

    public Optional<MachineRecord> findMachineRecord(String machineId) {
        return machines.findMachineRecord(machineId);
    }

    /** All machines of all projects, those being deleted included: what providers reconcile against at start. */
    public List<MachineRecord> machineRecords() {
        return machines.machineRecords();
    }

    /** State deleting, certificates revoked, tokens void; gone with {@link #machineDeleted}. Repeating it is allowed. */
    public MachineRecord deleteMachine(Actor actor, String project, String name) {
        return machines.deleteMachine(actor, project, name);
    }

    /**
     * Drops the record at once, whatever state it is in; neither the machine nor its provider is asked. Its certificates are revoked, so
     * that its agent is not let in when it comes back.
     */
    public Forgotten forgetMachine(Actor actor, String project, String name) {
        return machines.forgetMachine(actor, project, name);
    }

    /** Installations that the machine had, newest first. */
    public List<RemovedView> removals(String project, String machine) {
        return machines.removals(project, machine);
    }

    /** Its provider has cleaned up. Does nothing when the machine is gone; refuses one that is not being deleted. */
    public void machineDeleted(Actor actor, String machineId) {
        machines.machineDeleted(actor, machineId);
    }

    public void provisioningProgress(String machineId, Provisioning progress) {
        machines.provisioningProgress(machineId, progress);
    }

    /**
     * Whether an operator wants the machine to run. Kept with the machine, so that a restarted server boots what should run and leaves
     * off what was stopped; a new machine should run. Changes nothing about the machine itself: its provider does that.
     */
    public void powerWanted(Actor actor, String machineId, boolean running) {
        machines.powerWanted(actor, machineId, running);
    }

    /** What the provider observed: running, stopped, paused or absent. */
    public void powerObserved(String machineId, String power) {
        machines.powerObserved(machineId, power);
    }

    /** The machine came or went. Nothing stored changes, but those who watch the change feed see it. */
    public void livenessChanged(Collection<String> machineIds) {
        machines.livenessChanged(machineIds);
    }

    // Catalog

    /** Same version and digest again answers as the first time; another digest is refused. */
    public ExtensionView publish(Actor actor, Publication publication) {
        return catalog.publish(actor, publication);
    }

    public List<ExtensionView> listExtensions(ExtensionFilter filter) {
        return catalog.listExtensions(filter);
    }

    public ExtensionView getExtension(String name) {
        return catalog.getExtension(name);
    }

    public ExtensionView setVersionState(Actor actor, String name, String version, VersionState state) {
        return catalog.setVersionState(actor, name, version, state);
    }

    // Installations

    /**
     * Creates or replaces. The sequence number starts at 0; {@link Installation.Want} says what raises it. Writing again what is there
     * changes nothing, except that the version is chosen anew.
     */
    public InstallationView putInstallation(
            Actor actor, String project, String machine, String name, InstallationWrite request) {
        return installations.putInstallation(actor, project, machine, name, request);
    }

    /** Empty when it is gone at once because the machine never heard of it; else the installation, now removing. */
    public Optional<InstallationView> deleteInstallation(Actor actor, String project, String machine, String name) {
        return installations.deleteInstallation(actor, project, machine, name);
    }

    /**
     * Drops the record at once; the machine is not asked. What may have reached it stays in sight there as unmanaged. Repeating it
     * changes nothing.
     */
    public Forgotten forgetInstallation(Actor actor, String project, String machine, String name) {
        return installations.forget(actor, project, machine, name);
    }

    /**
     * Gives an order to an installation, in whatever state it is. It goes to the machine with the goal, so it waits for one that is off;
     * the agent carries it out once. A new target makes it void.
     */
    public InstallationView orderInstallation(
            Actor actor, String project, String machine, String name, Order.Kind kind) {
        return installations.order(actor, project, machine, name, kind);
    }

    public List<InstallationView> listInstallations(String project, String machine) {
        return installations.listInstallations(project, machine);
    }

    /** Those of all machines of a project, in one look: for counting. */
    public List<InstallationView> listInstallations(String project) {
        return installations.listInstallations(project);
    }

    public InstallationView getInstallation(String project, String machine, String name) {
        return installations.getInstallation(project, machine, name);
    }

    // Goals

    /** The machine's goal, about to be sent to it: from here on its installations are removed only when the machine says so. */
    public GoalState offerGoal(String machineId) {
        return goals.offerGoal(machineId);
    }

    /** The machine's goal, only looked at. */
    public GoalState goal(String machineId) {
        return goals.goal(machineId);
    }

    public long goalGeneration(String machineId) {
        return goals.goalGeneration(machineId);
    }

    /** The agent has stored this generation; deadlines run from here. Older ones and repetitions are ignored. */
    public void goalAcknowledged(String machineId, long generation) {
        goals.goalAcknowledged(machineId, generation);
    }

    /** All in one transaction. Statuses from before what is known, and of unknown machines or installations, are ignored. */
    public void reportStatuses(List<MachineStatus> statuses) {
        goals.reportStatuses(statuses);
    }

    /** Whether the machine's goal offers this package. */
    public boolean packageAllowed(String machineId, Digest digest) {
        return goals.packageAllowed(machineId, digest);
    }

    /**
     * The public settings, JSON, of an installation in the machine's goal whose package may use this of the gateway; refuses all others
     * with {@code access-denied}.
     */
    public String gatewaySettings(String machineId, String installation, GatewayUse use) {
        return gatewayUses.settings(machineId, installation, use);
    }

    /** A line in the audit log: this machine got a certificate for a service. */
    public void serviceCertificateIssued(String machineId, String installation, String detail) {
        gatewayUses.noteCertificate(machineId, installation, detail);
    }

    // Run-once commands

    /** Accepted whether the machine is there or not. */
    public CommandView runCommand(Actor actor, String project, String machine, CommandCreate request) {
        return commands.run(actor, project, machine, request);
    }

    /** Newest first. */
    public List<CommandView> listCommands(String project, String machine) {
        return commands.list(project, machine);
    }

    public CommandView getCommand(String project, String machine, String id) {
        return commands.get(project, machine, id);
    }

    /** Asks for the end of a command; one that is over stays as it is. */
    public CommandView cancelCommand(Actor actor, String project, String machine, String id) {
        return commands.cancel(actor, project, machine, id);
    }

    public boolean knowsCommand(String id) {
        return store.read(view -> view.findCommand(id).isPresent());
    }

    /** What the machine has to be told about, oldest first. */
    public List<Command> openCommands(String machineId) {
        return commands.open(machineId);
    }

    /** The machine has written it down. Empty when the machine has no such command. */
    public Optional<Command> commandAccepted(String machineId, String id) {
        return commands.accepted(machineId, id);
    }

    /** The machine says how it ended; the first word counts. Empty when the machine has no such command. */
    public Optional<Command> commandEnded(String machineId, CommandExit exit) {
        return commands.ended(machineId, exit);
    }

    /** Gives up those that waited too long for their machine. */
    public void expireCommands() {
        commands.expire();
    }

    // Snapshots

    /** A snapshot is to be taken; whoever makes machines takes it. */
    public DiskSnapshotView createSnapshot(Actor actor, String project, String machine, SnapshotCreate request) {
        return snapshots.create(actor, project, machine, request);
    }

    /** Newest first. */
    public List<DiskSnapshotView> listSnapshots(String project, String machine) {
        return snapshots.list(project, machine);
    }

    public DiskSnapshotView getSnapshot(String project, String machine, String id) {
        return snapshots.get(project, machine, id).view();
    }

    /** As it is remembered, for the part of the server that works on it. */
    public Optional<Snapshot> findSnapshot(String id) {
        return snapshots.find(id);
    }

    /** Of all machines: those that are to be taken or deleted. */
    public List<Snapshot> unfinishedSnapshots() {
        return snapshots.unfinished();
    }

    /** It is complete. Empty when its machine is gone. */
    public Optional<Snapshot> snapshotTaken(String id, Snapshot.Taken taken) {
        return snapshots.taken(id, taken);
    }

    /** It did not come about, or its data is gone. */
    public Optional<Snapshot> snapshotFailed(String id, Problem why) {
        return snapshots.failed(id, why);
    }

    public Optional<Snapshot> snapshotChecked(String id, List<String> faults) {
        return snapshots.checked(id, faults);
    }

    /**
     * Marks a snapshot as going, with all that build on it when the chain is meant; answers them in the order in which their data can go.
     */
    public List<Snapshot> deleteSnapshot(Actor actor, String project, String machine, String id, boolean chain) {
        return snapshots.delete(actor, project, machine, id, chain);
    }

    /** Marks whole chains that are older than those of the newest so many snapshots; answers as {@link #deleteSnapshot}. */
    public List<Snapshot> retireSnapshots(String machineId, int keep) {
        return snapshots.retire(machineId, keep);
    }

    /** Its data is gone. */
    public void snapshotGone(String id) {
        snapshots.gone(id);
    }

    /** The machine is to get the disk of this snapshot and to run; its provider does it. */
    public Restore restoreMachine(Actor actor, String project, String machine, String snapshot) {
        return snapshots.restore(actor, project, machine, snapshot);
    }

    /** What the machine is to get before it boots. */
    public Optional<Restore> findRestore(String machineId) {
        return snapshots.findRestore(machineId);
    }

    /** It is done, or given up. */
    public void restoreEnded(Restore restore) {
        snapshots.restoreEnded(restore);
    }

    /** A lost machine comes back as a new virtual machine, under its own name or another; its provider does the rest. */
    public MachineRecord recoverMachine(Actor actor, String project, String lost, MachineRecover request) {
        return recovery.recover(actor, project, lost, request);
    }

    // Findings

    /** What a machine's book says. Entries that are stored already count once; the answer says up to where all are stored. */
    public FindingAck reportFindings(String machineId, FindingBatch batch) {
        return findings.report(machineId, batch);
    }

    /**
     * What the control plane itself found, or what is over, all in one transaction. Saying the same again changes nothing; what is about
     * a machine that is gone is passed over.
     */
    public void tellFindings(List<OwnFinding> said) {
        findings.tell(said);
    }

    /** Seen last first. */
    public FindingPage listFindings(String project, FindingFilter filter, int limit) {
        return findings.list(project, filter, limit);
    }

    /** What a page said comes next, for {@link FindingFilter}. */
    public static FindingFilter.Place findingsAfter(String next) {
        return Findings.place(next);
    }

    public FindingView getFinding(String project, String id) {
        return findings.get(project, id);
    }

    /** Somebody knows of it. Again: the newest note counts. One that is resolved is refused. */
    public FindingView acknowledgeFinding(Actor actor, String project, String id, FindingAcknowledge request) {
        return findings.acknowledge(actor, project, id, request);
    }

    /** Resolves what was not seen again for too long, and forgets what has been resolved for long. To be called now and then. */
    public void ageFindings() {
        findings.age();
    }

    // Backup repositories

    /** By machine and installation, also those of machines that are gone. */
    public List<RepositoryView> listRepositories(String project) {
        return repositories.list(project);
    }

    /** Of all projects: for the part of the server that looks after them. */
    public List<RepositoryView> repositories() {
        return repositories.all();
    }

    /**
     * One of them.
     *
     * @param machine its name; the id when the machine is gone and another one has its name
     */
    public RepositoryView getRepository(String project, String machine, String installation) {
        return repositories.get(project, machine, installation);
    }

    public RepositoryView writeRepository(
            Actor actor, String project, String machine, String installation, RepositoryWrite request) {
        return repositories.write(actor, project, machine, installation, request);
    }

    /** Its password, for people who must get at the backups without this control plane. Each call is in the audit log. */
    public RepositoryKey repositoryKey(Actor actor, String project, String machine, String installation) {
        return repositories.key(actor, project, machine, installation);
    }

    /** Forgets it with its password, unless an installation uses it; its files are the caller's to delete. */
    public RepositoryView deleteRepository(Actor actor, String project, String machine, String installation) {
        return repositories.delete(actor, project, machine, installation);
    }

    /**
     * What a machine may do with a repository now: by the packages, settings and presence of its own installations.
     *
     * @param ownerId the machine that the repository belongs to
     */
    public RepositoryAccess repositoryAccess(String machineId, String ownerId, String installation) {
        return repositories.access(machineId, ownerId, installation);
    }

    /** The most that a repository may hold; 0 for no limit. */
    public int repositoryQuotaMiB(String ownerId, String installation) {
        return repositories.quotaMiB(ownerId, installation);
    }

    /** For the part of the server that looks after repositories. */
    public RepositorySecrets repositorySecrets(String machineId, String installation) {
        return repositories.secrets(machineId, installation);
    }

    /** For the audit log: somebody had work done on it. */
    public void repositoryWork(Actor actor, RepositoryView repository, String what) {
        repositories.work(actor, repository, what);
    }

    /** What is known of it changes; nothing happens when it is gone. */
    public void repositoryStatus(String machineId, String installation, UnaryOperator<RepositoryStatus> news) {
        repositories.status(machineId, installation, news);
    }

    // Webhooks

    /** From now on its receiver is sent what happens to findings. */
    public WebhookView createWebhook(Actor actor, String project, WebhookCreate request) {
        return webhooks.create(actor, project, request);
    }

    public List<WebhookView> listWebhooks(String project) {
        return webhooks.list(project);
    }

    public WebhookView getWebhook(String project, String name) {
        return webhooks.get(project, name);
    }

    /** What waits for it is not sent any more. */
    public void deleteWebhook(Actor actor, String project, String name) {
        webhooks.delete(actor, project, name);
    }

    /** For the part of the server that sends. */
    public Webhook webhook(String project, String name) {
        return webhooks.find(project, name);
    }

    /** Of all projects. */
    public List<Webhook> webhooks() {
        return webhooks.all();
    }

    /** A message that only tries the way; nobody tries it again. */
    public Delivery testDelivery(Webhook webhook) {
        return webhooks.test(webhook);
    }

    /** The oldest message for this webhook that may be sent now. */
    public Optional<Delivery> nextDelivery(String webhookId) {
        return webhooks.next(webhookId);
    }

    /** The receiver has it. */
    public void delivered(Delivery delivery) {
        webhooks.delivered(delivery);
    }

    /**
     * The receiver did not take it. It is tried again, ever more rarely, and given up after a day; that is told as a finding.
     *
     * @param why for people
     * @param receiver whether the receiver as a whole is at fault, so that other messages wait too
     */
    public void deliveryFailed(Delivery delivery, String why, boolean receiver) {
        webhooks.failed(delivery, why, receiver);
    }

    // Alerts

    /** By name: those that come with vmext, and what was written in their place or beside them. */
    public List<AlertRuleView> listAlertRules(String project) {
        return alertRules.rules(project);
    }

    public AlertRuleView getAlertRule(String project, String name) {
        return alertRules.rule(project, name);
    }

    public AlertRuleView putAlertRule(Actor actor, String project, String name, AlertRuleWrite rule) {
        return alertRules.putRule(actor, project, name, rule);
    }

    /** Switches a rule on or off; the alerts of one that is off are resolved at the next look. */
    public AlertRuleView enableAlertRule(Actor actor, String project, String name, boolean on) {
        return alertRules.enableRule(actor, project, name, on);
    }

    /** One that comes with vmext is then as it came, and that is answered; any other is gone. */
    public Optional<AlertRuleView> deleteAlertRule(Actor actor, String project, String name) {
        return alertRules.deleteRule(actor, project, name);
    }

    /** Newest first; also what is not yet an alert, and what is over and not yet told. */
    public List<AlertView> listAlerts(String project) {
        return alerts.list(project);
    }

    public SilenceView createSilence(Actor actor, String project, SilenceCreate silence) {
        return silences.create(actor, project, silence);
    }

    /** Newest first. */
    public List<SilenceView> listSilences(String project) {
        return silences.list(project);
    }

    public SilenceView endSilence(Actor actor, String project, String id) {
        return silences.end(actor, project, id);
    }

    /** Looks at all rules. One caller at a time. */
    public void lookAtAlerts(MetricSource series) {
        alerts.look(series);
    }

    /** Tells what alerts came up or are over; the map is the caller's to keep between calls. */
    public void tellAlerts(Map<String, Instant> lastTold) {
        alerts.tell(lastTold);
    }

    /** What the control plane knows of its machines by itself, by machine id. */
    public Map<String, List<PlatformSample>> platformSeries(MetricSource kept) {
        return alerts.platformSeries(kept);
    }

    // Enrolment

    /** Declares a self-enrolled machine and gives it a token. */
    public Enrolment createEnrolment(Actor actor, String project, EnrolmentCreate request) {
        return enrolments.createEnrolment(actor, project, request);
    }

    /** A fresh token for a machine that exists; earlier unused ones are void. */
    public Enrolment issueToken(Actor actor, String machineId, Duration life) {
        return enrolments.issueToken(actor, machineId, life);
    }

    /** The machine a token belongs to, or one of token-invalid, token-used, token-expired. */
    public MachineRecord tokenFor(String token) {
        return enrolments.tokenFor(token);
    }

    /**
     * Binds the token to this key, for good: the same pair again answers the same, another key is token-used.
     *
     * @param keyDigest {@code sha256:<hex>} of the request's SubjectPublicKeyInfo
     */
    public MachineRecord bindKey(String token, String keyDigest) {
        return enrolments.bindKey(token, keyDigest);
    }

    /** Remembers a certificate before it is sent. */
    public void certificateIssued(MachineCertificate certificate) {
        enrolments.certificateIssued(certificate);
    }

    /** The machine connected with it: burns the token, enrols the machine, and revokes certificates of other keys. */
    public void certificateUsed(String machineId, String serial) {
        enrolments.certificateUsed(machineId, serial);
    }

    /** The machine of a certificate that chains to our CA, or certificate-refused: unknown, revoked, machine gone or deleting. */
    public MachineRecord admit(String serial) {
        return enrolments.admit(serial);
    }

    /** The machine's certificate for protected settings. Installations that waited for it enter the goal. */
    public void settingsKeyPublished(String machineId, String certificatePem) {
        enrolments.settingsKeyPublished(machineId, certificatePem);
    }

    /** What the agent told; keys are those of {@link FactKeys}. Replaces all facts told before. */
    public void factsReported(String machineId, Map<String, String> facts) {
        enrolments.factsReported(machineId, facts);
    }

    /** Flushes last-seen times, many at once. */
    public void lastSeen(Map<String, Instant> seen) {
        enrolments.lastSeen(seen);
    }

    // Access

    public Secret createToken(Actor actor, String subject, Set<Permission> permissions) {
        return access.createToken(actor, subject, permissions);
    }

    /** True when somebody can get in with a token; a fresh control plane makes its first one. */
    public boolean hasTokens() {
        return access.hasTokens();
    }

    /** The token of this secret, as it is listed. */
    public TokenView token(Secret secret) {
        return access.token(secret);
    }

    /** All API tokens, oldest first, without their secrets. */
    public List<TokenView> tokens() {
        return access.tokens();
    }

    /** From here on it opens nothing. The last one that may let people in cannot be revoked. */
    public void revokeToken(Actor actor, String id) {
        access.revokeToken(actor, id);
    }

    /** Who holds this API token, or not-signed-in. */
    public Principal authenticate(String token) {
        return access.authenticate(token);
    }

    /** A sign-in link's code: lives {@code life}, works once, gives the same permissions as its maker's. */
    public SignInCode createSignIn(Principal principal, Duration life) {
        return access.createSignIn(principal, life);
    }

    /** Or sign-in-link-used. */
    public SessionGrant redeemSignIn(String code, Duration life) {
        return access.redeemSignIn(code, life);
    }

    /** Who holds this session, or not-signed-in. */
    public Principal session(String secret) {
        return access.session(secret);
    }

    public void signOut(String secret) {
        access.signOut(secret);
    }

    // What happened

    /** Newest first. */
    public List<AuditEntry> audit(int limit) {
        return store.newestAudit(limit);
    }

    /** The number of the first entry that does not fit the chain, empty when all do. */
    public Optional<Long> verifyAuditChain() {
        long number = 0;
        String hash = AuditChain.START;
        while (true) {
            List<AuditEntry> page = store.auditFrom(number + 1, AUDIT_PAGE);
            if (page.isEmpty()) {
                return Optional.empty();
            }
            Optional<Long> broken = AuditChain.firstBreak(number, hash, page);
            if (broken.isPresent()) {
                return broken;
            }
            number = page.getLast().number();
            hash = page.getLast().hash();
        }
    }

    public List<ChangeEvent> changesAfter(long id, int limit) {
        return store.changesAfter(id, limit);
    }

    /** The id of the newest change, 0 before the first. */
    public long lastChange() {
        return store.lastChange();
    }

    public void onCommit(ChangeListener listener) {
        store.onCommit(listener);
    }
}
