package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.Presence;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The one entry to the control plane. Every call decides on a consistent view of the store and applies the decision in one
 * transaction; expected failures are {@code ProblemException}s. Holds no state of its own, so it is as thread-safe as its store.
 */
public final class Fleet {
    private static final Duration DEFAULT_TOKEN_LIFE = Duration.ofHours(1);
    private static final int AUDIT_PAGE = 1000;

    private final FleetStore store;
    private final InstantSource clock;
    private final IdSource ids;
    private final Sealer sealer;
    private final Secrets secrets;
    private final Views views;
    private final GoalCompiler compiler;
    private final InstallationDecisions installations;

    public Fleet(
            FleetStore store,
            InstantSource clock,
            IdSource ids,
            SettingsValidator validator,
            Sealer sealer,
            Liveness liveness) {
        this.store = store;
        this.clock = clock;
        this.ids = ids;
        this.sealer = sealer;
        this.secrets = new Secrets(ids);
        this.views = new Views(liveness);
        this.compiler = new GoalCompiler(sealer);
        this.installations = new InstallationDecisions(ids, new SettingsRules(validator), sealer);
    }

    /** Milliseconds are what people read and every database keeps. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    // Machines

    /** Declares a machine with its installations. Its provider makes it afterwards; the id is fixed from here on. */
    public MachineView createMachine(Actor actor, String project, MachineCreate request) {
        String provider = request.provider() == null ? Platforms.QEMU : request.provider();
        MachineDecisions.Plan plan = new MachineDecisions.Plan(
                request.name(),
                provider,
                !provider.equals(Platforms.SELF_ENROLLED),
                new Hardware(request.cpus(), request.memoryMiB(), request.diskGiB()),
                request.labels(),
                request.trust());
        return store.transact(actor, view -> {
            Instant now = now();
            MachineDraft draft = declare(view, project, plan, request.installations(), now);
            return Decision.noted(
                    draft.changes(),
                    views.machine(draft.machine(), draft.installations()),
                    new Note(now, "machine.create", subject(draft.machine()), "from " + provider));
        });
    }

    private MachineDraft declare(
            FleetView view,
            String project,
            MachineDecisions.Plan plan,
            @Nullable Map<String, InstallationWrite> writes,
            Instant now) {
        Machine machine = MachineDecisions.declare(view, project, ids.newId(), plan, now);
        MachineDraft draft = new MachineDraft(view, new Releases(view), machine);
        installations.putAll(draft, writes == null ? Map.of() : writes, now);
        draft.compile(compiler, now);
        return draft;
    }

    public List<MachineView> listMachines(String project) {
        return store.read(view -> {
            Problems.getProject(view, project);
            Map<String, List<Installation>> byMachine =
                    view.projectInstallations(project).stream().collect(Collectors.groupingBy(Installation::machineId));
            return view.machines(project).stream()
                    .map(machine -> views.machine(machine, byMachine.getOrDefault(machine.id(), List.of())))
                    .toList();
        });
    }

    public MachineView getMachine(String project, String name) {
        return store.read(view -> {
            Machine machine = Problems.getMachine(view, project, name);
            return views.machine(machine, view.installations(machine.id()));
        });
    }

    /** For the parts of the server that make and connect machines. */
    public MachineRecord machineRecord(String project, String name) {
        return store.read(view -> Problems.getMachine(view, project, name).asRecord());
    }

    public Optional<MachineRecord> findMachineRecord(String machineId) {
        return store.read(view -> view.findMachine(machineId).map(Machine::asRecord));
    }

    /** All machines of all projects, those being deleted included: what providers reconcile against at start. */
    public List<MachineRecord> machineRecords() {
        return store.read(
                view -> view.machines().stream().map(Machine::asRecord).toList());
    }

    /** State deleting, certificates revoked, tokens void; gone with {@link #machineDeleted}. Repeating it is allowed. */
    public MachineRecord deleteMachine(Actor actor, String project, String name) {
        return store.transact(actor, view -> {
            Machine machine = Problems.getMachine(view, project, name);
            List<FleetChange> changes = MachineDecisions.delete(view, machine);
            MachineRecord answer = MachineDecisions.deleting(machine).asRecord();
            return changes.isEmpty()
                    ? Decision.nothing(answer)
                    : Decision.noted(changes, answer, new Note(now(), "machine.delete", subject(machine), ""));
        });
    }

    /** Its provider has cleaned up. Does nothing when the machine is gone; refuses one that is not being deleted. */
    public void machineDeleted(Actor actor, String machineId) {
        store.transact(actor, view -> {
            Optional<Machine> machine = view.findMachine(machineId);
            if (machine.isEmpty()) {
                return Decision.nothing(false);
            }
            return Decision.noted(
                    MachineDecisions.gone(view, machine.get()),
                    true,
                    new Note(now(), "machine.deleted", subject(machine.get()), ""));
        });
    }

    public void provisioningProgress(String machineId, Provisioning progress) {
        change(machineId, machine -> MachineDecisions.progressed(machine, progress));
    }

    /**
     * Whether an operator wants the machine to run. Kept with the machine, so that a restarted server boots what should run and leaves
     * off what was stopped; a new machine should run. Changes nothing about the machine itself: its provider does that.
     */
    public void powerWanted(Actor actor, String machineId, boolean running) {
        store.transact(actor, view -> {
            Machine machine = Problems.getMachine(view, machineId);
            return machine.condition().powerWanted() == running
                    ? Decision.nothing(false)
                    : Decision.noted(
                            List.of(new FleetChange.MachinePut(
                                    machine.with(machine.condition().wanted(running)))),
                            true,
                            new Note(now(), "machine.power", subject(machine), running ? "on" : "off"));
        });
    }

    /** What the provider observed: running, stopped, paused or absent. */
    public void powerObserved(String machineId, String power) {
        change(machineId, machine -> machine.with(machine.condition().powered(power)));
    }

    /** The machine came or went. Nothing stored changes, but those who watch the change feed see it. */
    public void livenessChanged(Collection<String> machineIds) {
        store.transact(
                Actor.SYSTEM,
                view -> Decision.silent(
                        machineIds.stream()
                                .flatMap(id -> view.findMachine(id).stream())
                                .<FleetChange>map(
                                        machine -> new FleetChange.MachineTouched(machine.project(), machine.name()))
                                .toList(),
                        true));
    }

    /** Changes only the machine itself; a machine that is gone needs no change. */
    private void change(String machineId, UnaryOperator<Machine> decide) {
        store.transact(Actor.machine(machineId), view -> {
            Optional<Machine> before = view.findMachine(machineId);
            Optional<Machine> after = before.map(decide);
            return after.isEmpty() || after.equals(before)
                    ? Decision.nothing(false)
                    : Decision.silent(List.of(new FleetChange.MachinePut(after.get())), true);
        });
    }

    /** Changes the machine and what its goal is made of. */
    private void recompile(String machineId, UnaryOperator<Machine> decide) {
        store.transact(Actor.machine(machineId), view -> {
            Machine before = Problems.getMachine(view, machineId);
            Machine after = decide.apply(before);
            if (after.equals(before)) {
                return Decision.nothing(false);
            }
            MachineDraft draft = new MachineDraft(view, new Releases(view), before);
            draft.put(after);
            draft.compile(compiler, now());
            return Decision.silent(draft.changes(), true);
        });
    }

    // Catalog

    /** Same version and digest again answers as the first time; another digest is refused. */
    public ExtensionView publish(Actor actor, Publication publication) {
        return store.transact(actor, view -> {
            Instant now = now();
            Optional<Release> fresh = CatalogDecisions.publish(view, publication, now);
            List<Release> all = new ArrayList<>(view.releases(publication.name()));
            if (fresh.isEmpty()) {
                return Decision.nothing(Views.extension(all));
            }
            all.add(fresh.get());
            all.sort(Comparator.comparing(Release::version).reversed());
            return Decision.noted(
                    List.of(new FleetChange.ReleasePut(fresh.get())),
                    Views.extension(all),
                    new Note(
                            now,
                            "extension.publish",
                            publication.name() + " " + publication.version(),
                            publication.digest() + " signed by " + publication.keyId()));
        });
    }

    public List<ExtensionView> listExtensions(ExtensionFilter filter) {
        return store.read(view -> CatalogDecisions.list(view, filter).stream()
                .map(Views::extension)
                .toList());
    }

    public ExtensionView getExtension(String name) {
        return store.read(view -> {
            List<Release> releases = view.releases(name);
            if (releases.isEmpty()) {
                throw Problems.extensionNotFound("find", name);
            }
            return Views.extension(releases);
        });
    }

    public ExtensionView setVersionState(Actor actor, String name, String version, VersionState state) {
        return store.transact(actor, view -> {
            Release changed = CatalogDecisions.withState(view, name, version, state);
            List<Release> all = view.releases(name).stream()
                    .map(release -> release.version().equals(changed.version()) ? changed : release)
                    .toList();
            return Decision.noted(
                    List.of(new FleetChange.ReleasePut(changed)),
                    Views.extension(all),
                    new Note(now(), "extension.state", name + " " + version, state.wire()));
        });
    }

    // Installations

    /**
     * Creates or replaces. The sequence number starts at 0; {@link Installation.Want} says what raises it. Writing again what is there
     * changes nothing, except that the version is chosen anew.
     */
    public InstallationView putInstallation(
            Actor actor, String project, String machine, String name, InstallationWrite request) {
        return store.transact(actor, view -> {
            Instant now = now();
            MachineDraft draft = draft(view, project, machine, "install on");
            installations.putAll(draft, Map.of(name, request), now);
            draft.compile(compiler, now);
            Installation put = draft.get(name);
            InstallationView answer = views.installation(draft.machine(), put, draft.releases());
            List<FleetChange> changes = draft.changes();
            return changes.isEmpty()
                    ? Decision.nothing(answer)
                    : Decision.noted(
                            changes,
                            answer,
                            new Note(
                                    now,
                                    "installation.put",
                                    subject(draft.machine()) + "/" + name,
                                    put.want().extension() + " " + put.want().version() + ", sequence "
                                            + put.want().sequence()));
        });
    }

    /** Empty when it is gone at once because the machine never heard of it; else the installation, now removing. */
    public Optional<InstallationView> deleteInstallation(Actor actor, String project, String machine, String name) {
        return store.transact(actor, view -> {
            Instant now = now();
            MachineDraft draft = draft(view, project, machine, "uninstall from");
            installations.delete(draft, name, now);
            draft.compile(compiler, now);
            Optional<InstallationView> answer =
                    draft.find(name).map(left -> views.installation(draft.machine(), left, draft.releases()));
            List<FleetChange> changes = draft.changes();
            return changes.isEmpty()
                    ? Decision.nothing(answer)
                    : Decision.noted(
                            changes,
                            answer,
                            new Note(now, "installation.delete", subject(draft.machine()) + "/" + name, ""));
        });
    }

    private static MachineDraft draft(FleetView view, String project, String name, String verb) {
        Machine machine = Problems.getMachine(view, project, name);
        Problems.refuseDeleting(verb, machine);
        return new MachineDraft(view, new Releases(view), machine);
    }

    public List<InstallationView> listInstallations(String project, String machine) {
        return store.read(view -> {
            Machine found = Problems.getMachine(view, project, machine);
            Releases releases = new Releases(view);
            return view.installations(found.id()).stream()
                    .map(installation -> views.installation(found, installation, releases))
                    .toList();
        });
    }

    /** Those of all machines of a project, in one look: for counting. */
    public List<InstallationView> listInstallations(String project) {
        return store.read(view -> {
            Problems.getProject(view, project);
            Map<String, Machine> machines =
                    view.machines(project).stream().collect(Collectors.toMap(Machine::id, machine -> machine));
            Releases releases = new Releases(view);
            return view.projectInstallations(project).stream()
                    .map(installation -> views.installation(
                            Objects.requireNonNull(machines.get(installation.machineId())), installation, releases))
                    .toList();
        });
    }

    public InstallationView getInstallation(String project, String machine, String name) {
        return store.read(view -> {
            Machine found = Problems.getMachine(view, project, machine);
            return views.installation(found, Problems.getInstallation(view, found, name), new Releases(view));
        });
    }

    // Goals

    /** The machine's goal, about to be sent to it: from here on its installations are removed only when the machine says so. */
    public GoalState offerGoal(String machineId) {
        return store.transact(Actor.machine(machineId), view -> {
            Machine machine = Problems.getMachine(view, machineId);
            Problems.refuseDeleting("offer a goal to", machine);
            GoalState goal = GoalCompiler.render(machine, view.installations(machineId), new Releases(view));
            Machine offered = GoalDecisions.offered(machine);
            return offered.equals(machine)
                    ? Decision.nothing(goal)
                    : Decision.silent(List.of(new FleetChange.MachinePut(offered)), goal);
        });
    }

    /** The machine's goal, only looked at. */
    public GoalState goal(String machineId) {
        return store.read(view -> GoalCompiler.render(
                Problems.getMachine(view, machineId), view.installations(machineId), new Releases(view)));
    }

    public long goalGeneration(String machineId) {
        return store.read(view -> Problems.getMachine(view, machineId).goal().generation());
    }

    /** The agent has stored this generation; deadlines run from here. Older ones and repetitions are ignored. */
    public void goalAcknowledged(String machineId, long generation) {
        store.transact(
                Actor.machine(machineId),
                view -> Decision.silent(
                        view.findMachine(machineId)
                                .map(machine -> GoalDecisions.acknowledged(view, machine, generation))
                                .orElse(List.of()),
                        true));
    }

    /** All in one transaction. Statuses from before what is known, and of unknown machines or installations, are ignored. */
    public void reportStatuses(List<MachineStatus> statuses) {
        List<MachineStatus> batch = List.copyOf(statuses);
        store.transact(
                Actor.SYSTEM, view -> Decision.silent(GoalDecisions.reported(view, batch, compiler, now()), true));
    }

    /** Whether the machine's goal offers this package. */
    public boolean packageAllowed(String machineId, Digest digest) {
        return store.read(view -> view.installations(machineId).stream()
                .map(installation -> installation.placement().line())
                .anyMatch(line -> line != null
                        && line.presence() == Presence.PRESENT
                        && line.packageDigest().equals(digest)));
    }

    // Enrolment

    /** Declares a self-enrolled machine and gives it a token. */
    public Enrolment createEnrolment(Actor actor, String project, EnrolmentCreate request) {
        Duration life = EnrolmentDecisions.checkLife(
                request.ttlSeconds() == null ? DEFAULT_TOKEN_LIFE : Duration.ofSeconds(request.ttlSeconds()));
        Secret token = secrets.next("vme_");
        MachineDecisions.Plan plan = new MachineDecisions.Plan(
                request.machine(),
                Platforms.SELF_ENROLLED,
                false,
                new Hardware(null, null, null),
                request.labels(),
                request.trust());
        return store.transact(actor, view -> {
            Instant now = now();
            MachineDraft draft = declare(view, project, plan, request.installations(), now);
            List<FleetChange> changes = new ArrayList<>(draft.changes());
            changes.add(put(draft.machine(), token, now.plus(life)));
            return Decision.noted(
                    changes,
                    new Enrolment(draft.machine().asRecord(), token, now.plus(life)),
                    new Note(now, "enrolment.create", subject(draft.machine()), "until " + now.plus(life)));
        });
    }

    /** A fresh token for a machine that exists; earlier unused ones are void. */
    public Enrolment issueToken(Actor actor, String machineId, Duration life) {
        EnrolmentDecisions.checkLife(life);
        Secret token = secrets.next("vme_");
        return store.transact(actor, view -> {
            Instant now = now();
            Machine machine = Problems.getMachine(view, machineId);
            Problems.refuseDeleting("enrol", machine);
            return Decision.noted(
                    List.of(new FleetChange.TokensVoid(machineId), put(machine, token, now.plus(life))),
                    new Enrolment(machine.asRecord(), token, now.plus(life)),
                    new Note(now, "enrolment.token", subject(machine), "until " + now.plus(life)));
        });
    }

    private static FleetChange put(Machine machine, Secret token, Instant expiresAt) {
        return new FleetChange.TokenPut(
                new EnrolmentToken(Secrets.hash(token.reveal()), machine.id(), expiresAt, null, null));
    }

    /** The machine a token belongs to, or one of token-invalid, token-used, token-expired. */
    public MachineRecord tokenFor(String token) {
        return store.read(view -> {
            EnrolmentToken found = EnrolmentDecisions.getToken(view, token, now());
            return Problems.getMachine(view, found.machineId()).asRecord();
        });
    }

    /**
     * Binds the token to this key, for good: the same pair again answers the same, another key is token-used.
     *
     * @param keyDigest {@code sha256:<hex>} of the request's SubjectPublicKeyInfo
     */
    public MachineRecord bindKey(String token, String keyDigest) {
        return store.transact(Actor.SYSTEM, view -> {
            EnrolmentToken found = EnrolmentDecisions.getToken(view, token, now());
            Machine machine = Problems.getMachine(view, found.machineId());
            List<FleetChange> changes = EnrolmentDecisions.bind(found, keyDigest);
            return changes.isEmpty()
                    ? Decision.nothing(machine.asRecord())
                    : Decision.noted(
                            changes,
                            machine.asRecord(),
                            new Note(now(), "enrolment.bind", subject(machine), "key " + keyDigest));
        });
    }

    /** Remembers a certificate before it is sent. */
    public void certificateIssued(MachineCertificate certificate) {
        store.transact(Actor.machine(certificate.machineId()), view -> {
            Machine machine = Problems.getMachine(view, certificate.machineId());
            Problems.refuseDeleting("certify", machine);
            return Decision.noted(
                    List.of(new FleetChange.CertificatePut(certificate)),
                    true,
                    new Note(now(), "certificate.issue", subject(machine), "serial " + certificate.serial()));
        });
    }

    /** The machine connected with it: burns the token, enrols the machine, and revokes certificates of other keys. */
    public void certificateUsed(String machineId, String serial) {
        // Every connection comes by here, and all but the first have nothing to store: look before taking the one
        // writer.
        if (store.read(
                view -> EnrolmentDecisions.used(view, machineId, serial, now()).isEmpty())) {
            return;
        }
        store.transact(Actor.machine(machineId), view -> {
            List<FleetChange> changes = EnrolmentDecisions.used(view, machineId, serial, now());
            return changes.isEmpty()
                    ? Decision.nothing(false)
                    : Decision.noted(
                            changes,
                            true,
                            new Note(
                                    now(),
                                    "certificate.use",
                                    subject(Problems.getMachine(view, machineId)),
                                    "serial " + serial));
        });
    }

    /** The machine of a certificate that chains to our CA, or certificate-refused: unknown, revoked, machine gone or deleting. */
    public MachineRecord admit(String serial) {
        return store.read(view -> EnrolmentDecisions.admit(view, serial).asRecord());
    }

    /** The machine's certificate for protected settings. Installations that waited for it enter the goal. */
    public void settingsKeyPublished(String machineId, String certificatePem) {
        Machine.SettingsKey key = new Machine.SettingsKey(sealer.thumbprint(certificatePem), certificatePem);
        recompile(machineId, machine -> machine.withSettingsKey(key));
    }

    /** What the agent told; keys are those of {@link FactKeys}. Replaces all facts told before. */
    public void factsReported(String machineId, Map<String, String> facts) {
        Map<String, String> told = Map.copyOf(facts);
        recompile(machineId, machine -> machine.withFacts(told));
    }

    /** Flushes last-seen times, many at once. */
    public void lastSeen(Map<String, Instant> seen) {
        store.transact(Actor.SYSTEM, view -> Decision.silent(List.of(new FleetChange.Seen(seen)), true));
    }

    // Access

    public Secret createToken(Actor actor, String subject, Set<Permission> permissions) {
        Secret token = secrets.next("vmt_");
        return store.transact(actor, view -> {
            Instant now = now();
            return Decision.noted(
                    List.of(new FleetChange.CredentialPut(new Credential(
                            Credential.Kind.API_TOKEN,
                            Secrets.hash(token.reveal()),
                            new Principal(subject, permissions),
                            now,
                            null))),
                    token,
                    new Note(now, "access.token", subject, "may " + words(permissions)));
        });
    }

    private static String words(Set<Permission> permissions) {
        return permissions.stream().sorted().map(Permission::wire).collect(Collectors.joining(", "));
    }

    /** True when somebody can get in with a token; a fresh control plane makes its first one. */
    public boolean hasTokens() {
        return store.read(view -> view.hasCredentials(Credential.Kind.API_TOKEN));
    }

    /** Who holds this API token, or not-signed-in. */
    public Principal authenticate(String token) {
        return store.read(view -> AccessDecisions.getPrincipal(view, Credential.Kind.API_TOKEN, token, now()));
    }

    /** A sign-in link's code: lives {@code life}, works once, gives the same permissions as its maker's. */
    public SignInCode createSignIn(Principal principal, Duration life) {
        Secret code = secrets.next("");
        return store.transact(principal.actor(), view -> {
            Instant now = now();
            Instant end = now.plus(life);
            return Decision.noted(
                    List.of(
                            new FleetChange.CredentialsExpired(Credential.Kind.SIGN_IN_CODE, now),
                            new FleetChange.CredentialsExpired(Credential.Kind.SESSION, now),
                            new FleetChange.CredentialPut(new Credential(
                                    Credential.Kind.SIGN_IN_CODE, Secrets.hash(code.reveal()), principal, now, end))),
                    new SignInCode(code, end),
                    new Note(now, "access.sign-in-link", principal.subject(), "until " + end));
        });
    }

    /** Or sign-in-link-used. */
    public SessionGrant redeemSignIn(String code, Duration life) {
        Secret session = secrets.next("");
        return store.transact(Actor.SYSTEM, view -> {
            Instant now = now();
            Credential redeemed = AccessDecisions.getCode(view, code, now);
            Instant end = now.plus(life);
            return Decision.noted(
                    List.of(
                            new FleetChange.CredentialGone(redeemed.hash()),
                            new FleetChange.CredentialPut(new Credential(
                                    Credential.Kind.SESSION,
                                    Secrets.hash(session.reveal()),
                                    redeemed.principal(),
                                    now,
                                    end))),
                    new SessionGrant(session, redeemed.principal(), end),
                    new Note(now, "access.sign-in", redeemed.principal().subject(), "until " + end));
        });
    }

    /** Who holds this session, or not-signed-in. */
    public Principal session(String secret) {
        return store.read(view -> AccessDecisions.getPrincipal(view, Credential.Kind.SESSION, secret, now()));
    }

    public void signOut(String secret) {
        store.transact(
                Actor.SYSTEM,
                view -> Decision.silent(
                        AccessDecisions.find(view, Credential.Kind.SESSION, secret, now()).stream()
                                .<FleetChange>map(session -> new FleetChange.CredentialGone(session.hash()))
                                .toList(),
                        true));
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

    private static String subject(Machine machine) {
        return machine.project() + "/" + machine.name();
    }
}
