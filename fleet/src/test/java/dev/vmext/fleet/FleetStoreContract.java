package dev.vmext.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.vmext.fleet.Credential.Kind;
import dev.vmext.fleet.FleetChange.AlertChange;
import dev.vmext.fleet.Installation.Conditions;
import dev.vmext.fleet.Installation.Hold;
import dev.vmext.fleet.Installation.Placement;
import dev.vmext.fleet.Installation.Settings;
import dev.vmext.fleet.Installation.Want;
import dev.vmext.fleet.Machine.Condition;
import dev.vmext.fleet.Machine.GoalPosition;
import dev.vmext.fleet.Machine.Phase;
import dev.vmext.fleet.Machine.SettingsKey;
import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertKey;
import dev.vmext.fleet.alert.AlertRule;
import dev.vmext.fleet.alert.DefaultRules;
import dev.vmext.fleet.alert.Silence;
import dev.vmext.fleet.alert.StoredRule;
import dev.vmext.fleet.provider.DiskSnapshot;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.finding.FindingState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.metrics.LabelMatcher;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.RemovalReport;
import dev.vmext.protocol.status.StatusDetail;
import dev.vmext.protocol.status.StatusWord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store of the fleet must do. Each implementation has a small subclass. */
public abstract class FleetStoreContract {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123Z");
    private static final Actor ADMIN = Actor.user("admin");
    private static final Conditions CONDITIONS =
            new Conditions(9, Order.Kind.RETRY, NOW, Map.of("install", Duration.ofMinutes(10)), NOW.plusSeconds(60));

    @SuppressWarnings("NullAway.Init") // by openStore
    private FleetStore store;

    /** An empty store. */
    protected abstract FleetStore open();

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private void apply(FleetChange... changes) {
        store.transact(ADMIN, view -> Decision.silent(List.of(changes), true));
    }

    private static Machine plain(String id, String name) {
        return new Machine(
                id,
                "default",
                name,
                "qemu",
                new Hardware(null, null, null),
                Map.of(),
                null,
                new Condition(Phase.SETTLED, null, null, null, null, true),
                Map.of(),
                null,
                GoalPosition.NONE,
                NOW,
                null,
                null,
                0);
    }

    private static Machine full(String id, String name) {
        return new Machine(
                id,
                "default",
                name,
                "self-enrolled",
                new Hardware(2, 1024, 10),
                Map.of("role", "web \"quoted\"", "tier", ""),
                "{\"version\": 1}",
                new Condition(
                        Phase.PROVISIONING,
                        "building",
                        42,
                        Problem.of(ProblemCode.NOT_ENOUGH_DISK, "cannot make it: full", "free some"),
                        "stopped",
                        false),
                Map.of("os", "linux"),
                new SettingsKey("AB12", "-----BEGIN"),
                new GoalPosition(7, "sha256:x", 6, 5, NOW.plusMillis(5)),
                NOW,
                NOW.plusSeconds(1),
                NOW.plusSeconds(2),
                0);
    }

    private static Installation plain(String machineId, String machine, String name) {
        return new Installation(
                machineId,
                "default",
                machine,
                name,
                new Want("acme.Tool", "*", "1.0", digest("a"), Presence.PRESENT, List.of(), 0, Conditions.NONE),
                new Settings("s1", "{}", List.of(), null),
                Placement.outside(NOW),
                null,
                null,
                NOW,
                NOW,
                0);
    }

    private static Installation full(String machineId, String machine, String name) {
        Cause cause = new Cause(CauseClass.LOCK, "install", "apt is busy", "wait", Map.of("pid", "12"));
        return new Installation(
                machineId,
                "default",
                machine,
                name,
                new Want("acme.Tool", "1", "1.0", digest("a"), Presence.ABSENT, List.of("b", "c"), 3, CONDITIONS),
                new Settings("s2", "{\"k\":\"v\u00e4\"}", List.of("password"), new SealedSettings("sealed", "finger")),
                new Placement(
                        new InstallationGoal(
                                name,
                                "acme.Tool",
                                "1.0",
                                digest("a"),
                                Presence.ABSENT,
                                3,
                                List.of("b"),
                                "{\"k\":1}",
                                new ProtectedSettings("AB12", "Y21z"),
                                new Terms(
                                        new Order(9, Order.Kind.RETRY),
                                        Map.of("install", Duration.ofMinutes(10)),
                                        List.of("x"))),
                        "s1",
                        4,
                        2,
                        7,
                        NOW,
                        8,
                        new Hold(InstallationState.BLOCKED, cause)),
                new InstallationStatus(
                        name,
                        "acme.Tool",
                        "1.0",
                        InstallationState.WAITING_LEASE,
                        7,
                        3,
                        false,
                        cause,
                        new HandlerStatus(
                                "Enable",
                                StatusWord.TRANSITIONING,
                                "0",
                                "working",
                                List.of(new HandlerStatus.Substatus("part", StatusWord.SUCCESS, "1", "done"))),
                        "the end of the output",
                        0,
                        2,
                        NOW,
                        NOW.plusSeconds(1)),
                NOW.plusSeconds(2),
                NOW,
                NOW.plusSeconds(5),
                0);
    }

    private static Digest digest(String text) {
        return Digest.ofHex(text.repeat(64));
    }

    private static Release release(String name, String version) {
        return Release.of(Plane.publication(name, version, Optional.empty()), VersionState.ACTIVE, NOW, 0);
    }

    private void refused(FleetChange... changes) {
        assertThatThrownBy(() -> apply(changes))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(ProblemCode.REVISION_CONFLICT));
    }

    private List<Machine> machines() {
        return store.read(FleetView::machines);
    }

    private Optional<Machine> findMachine(String id) {
        return store.read(view -> view.findMachine(id));
    }

    private Optional<Machine> findNamed(String project, String name) {
        return store.read(view -> view.findMachine(project, name));
    }

    private boolean projectExists(String project) {
        return store.read(view -> view.projectExists(project));
    }

    private List<Installation> installations(String machineId) {
        return store.read(view -> view.installations(machineId));
    }

    private List<Installation> projectInstallations(String project) {
        return store.read(view -> view.projectInstallations(project));
    }

    private List<Release> releases() {
        return store.read(FleetView::releases);
    }

    private List<Release> releases(String extension) {
        return store.read(view -> view.releases(extension));
    }

    private Optional<EnrolmentToken> findToken(String hash) {
        return store.read(view -> view.findToken(hash));
    }

    private List<EnrolmentToken> tokens(String machineId) {
        return store.read(view -> view.tokens(machineId));
    }

    private Optional<MachineCertificate> findCertificate(String serial) {
        return store.read(view -> view.findCertificate(serial));
    }

    private List<MachineCertificate> certificates(String machineId) {
        return store.read(view -> view.certificates(machineId));
    }

    private Optional<Credential> findCredential(String hash) {
        return store.read(view -> view.findCredential(hash));
    }

    private boolean hasCredentials(Kind kind) {
        return store.read(view -> view.hasCredentials(kind));
    }

    @Test
    void givesBackMachinesAsTheyWerePut() {
        Machine bare = plain("m1", "bare");
        Machine full = full("m2", "full");
        apply(new FleetChange.MachinePut(bare), new FleetChange.MachinePut(full));
        assertThat(machines()).containsExactly(bare.stored(null, 1), full.stored(full.lastSeen(), 1));
        assertThat(findNamed("default", "full"))
                .hasValueSatisfying(machine -> assertThat(machine.id()).isEqualTo("m2"));
        assertThat(findMachine("m3")).isEmpty();
        assertThat(findNamed("other", "full")).isEmpty();
        assertThat(projectExists("default")).isTrue();
        assertThat(projectExists("other")).isFalse();
    }

    @Test
    void givesBackInstallationsAsTheyWerePut() {
        Installation bare = plain("m1", "web1", "bare");
        Installation full = full("m1", "web1", "full");
        apply(
                new FleetChange.MachinePut(plain("m1", "web1")),
                new FleetChange.InstallationPut(full),
                new FleetChange.InstallationPut(bare));
        assertThat(installations("m1")).containsExactly(bare.stored(1), full.stored(1));
        assertThat(projectInstallations("default")).hasSize(2);
        assertThat(installations("m2")).isEmpty();
        Installation changed =
                full.stored(1).with(bare.want(), bare.settings(), NOW).with(bare.placement());
        apply(new FleetChange.InstallationPut(changed));
        assertThat(installations("m1")).contains(changed.stored(2));
        apply(new FleetChange.InstallationGone("m1", "default", "web1", "full"));
        assertThat(installations("m1")).containsExactly(bare.stored(1));
    }

    @Test
    void refusesAsAWholeWhatWasDecidedOnAnOldRevision() {
        Machine machine = plain("m1", "web1");
        apply(new FleetChange.MachinePut(machine), new FleetChange.InstallationPut(plain("m1", "web1", "a")));
        Machine stored = machine.stored(null, 1);
        apply(new FleetChange.MachinePut(stored.withFacts(Map.of("os", "linux"))));
        refused(
                new FleetChange.InstallationPut(plain("m1", "web1", "b")),
                new FleetChange.MachinePut(stored.withFacts(Map.of("os", "windows"))));
        refused(new FleetChange.InstallationPut(plain("m1", "web1", "a")));
        assertThat(installations("m1")).hasSize(1);
        assertThat(findMachine("m1"))
                .hasValueSatisfying(after -> assertThat(after.facts()).containsEntry("os", "linux"));
    }

    @Test
    void refusesASecondMachineOfOneName() {
        apply(new FleetChange.MachinePut(plain("m1", "web1")));
        refused(new FleetChange.MachinePut(plain("m2", "web1")));
        refused(new FleetChange.MachinePut(plain("m1", "web2")));
    }

    @Test
    void storesNothingWhenTheDeciderThrows() {
        List<ChangeEvent> seen = new ArrayList<>();
        store.onCommit((machines, events) -> seen.addAll(events));
        assertThatThrownBy(() -> store.transact(ADMIN, view -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(store.lastChange()).isZero();
        assertThat(seen).isEmpty();
    }

    @Test
    void ordersVersionsByNumberAndKeepsThem() {
        apply(
                new FleetChange.ReleasePut(release("acme.Tool", "1.9")),
                new FleetChange.ReleasePut(release("acme.Tool", "1.10")),
                new FleetChange.ReleasePut(release("acme.Base", "2")));
        assertThat(releases("acme.Tool"))
                .extracting(release -> release.version().text())
                .containsExactly("1.10", "1.9");
        assertThat(releases()).extracting(Release::extension).containsExactly("acme.Base", "acme.Tool", "acme.Tool");
        // Another spelling of the same version.
        refused(new FleetChange.ReleasePut(release("acme.Tool", "1.9.0")));
        Release withdrawn = release("acme.Tool", "1.9").stored(VersionState.WITHDRAWN, 1);
        apply(new FleetChange.ReleasePut(withdrawn));
        assertThat(releases("acme.Tool")).contains(withdrawn.stored(withdrawn.state(), 2));
        refused(new FleetChange.ReleasePut(withdrawn));
    }

    @Test
    void forgetsAMachineWithAllButItsCertificates() {
        MachineCertificate certificate = new MachineCertificate("ab", "m1", "sha256:k", NOW, NOW.plusSeconds(9), true);
        apply(
                new FleetChange.MachinePut(plain("m1", "web1")),
                new FleetChange.InstallationPut(plain("m1", "web1", "a")),
                new FleetChange.TokenPut(new EnrolmentToken("h1", "m1", NOW, null, NOW)),
                new FleetChange.CertificatePut(certificate));
        apply(
                new FleetChange.InstallationGone("m1", "default", "web1", "a"),
                new FleetChange.MachineGone("m1", "default", "web1"));
        assertThat(findMachine("m1")).isEmpty();
        assertThat(installations("m1")).isEmpty();
        assertThat(findToken("h1")).isEmpty();
        assertThat(findCertificate("ab")).contains(certificate);
        assertThat(certificates("m1")).containsExactly(certificate);
    }

    @Test
    void voidsOnlyTokensThatWereNotUsed() {
        EnrolmentToken used = new EnrolmentToken("h1", "m1", NOW, "sha256:k", NOW);
        EnrolmentToken unused = new EnrolmentToken("h2", "m1", NOW, null, null);
        apply(
                new FleetChange.MachinePut(plain("m1", "web1")),
                new FleetChange.TokenPut(used),
                new FleetChange.TokenPut(unused));
        assertThat(tokens("m1")).containsExactlyInAnyOrder(used, unused);
        apply(new FleetChange.TokensVoid("m1"));
        assertThat(tokens("m1")).containsExactly(used);
        assertThat(findToken("h2")).isEmpty();
    }

    @Test
    void keepsCredentialsUntilTheyExpire() {
        Principal principal = new Principal("admin", Set.of(Permission.READ, Permission.ENROL));
        Credential token = new Credential(Kind.API_TOKEN, "h1", principal, NOW, null);
        Credential code = new Credential(Kind.SIGN_IN_CODE, "h2", principal, NOW, NOW.plusSeconds(5));
        assertThat(hasCredentials(Kind.API_TOKEN)).isFalse();
        apply(new FleetChange.CredentialPut(token), new FleetChange.CredentialPut(code));
        assertThat(hasCredentials(Kind.API_TOKEN)).isTrue();
        assertThat(findCredential("h1")).contains(token);
        apply(new FleetChange.CredentialsExpired(Kind.SIGN_IN_CODE, NOW.plusSeconds(4)));
        assertThat(findCredential("h2")).contains(code);
        apply(
                new FleetChange.CredentialsExpired(Kind.SIGN_IN_CODE, NOW.plusSeconds(5)),
                new FleetChange.CredentialsExpired(Kind.API_TOKEN, NOW.plusSeconds(5)));
        assertThat(findCredential("h2")).isEmpty();
        apply(new FleetChange.CredentialGone("h1"));
        assertThat(findCredential("h1")).isEmpty();
    }

    @Test
    void flushesLastSeenTimesBesideTheRevision() {
        Machine machine = plain("m1", "web1");
        apply(new FleetChange.MachinePut(machine));
        apply(new FleetChange.Seen(Map.of("m1", NOW, "gone", NOW)));
        assertThat(findMachine("m1")).contains(machine.stored(NOW, 1));
        // Written from an older reading, it keeps the newer time.
        apply(new FleetChange.MachinePut(machine.stored(null, 1)));
        assertThat(findMachine("m1")).contains(machine.stored(NOW, 2));
        assertThat(store.lastChange()).isEqualTo(2);
    }

    @Test
    void tellsWhatChangedInOrderAndOncePerThing() {
        List<ChangeEvent> heard = new ArrayList<>();
        List<String> woken = new ArrayList<>();
        store.onCommit((machines, events) -> {
            woken.addAll(machines);
            heard.addAll(events);
        });
        Machine machine = plain("m1", "web1");
        apply(
                new FleetChange.MachinePut(machine),
                new FleetChange.InstallationPut(plain("m1", "web1", "a")),
                new FleetChange.MachineTouched("default", "web1"));
        apply(new FleetChange.ReleasePut(release("acme.Tool", "1")));
        apply(new FleetChange.CredentialGone("none"));
        assertThat(store.changesAfter(0, 10))
                .containsExactly(
                        new ChangeEvent(1, "installation", "default", "web1", "a", false),
                        new ChangeEvent(2, "machine", "default", "web1", "", false),
                        new ChangeEvent(3, "extension", "", "", "acme.Tool", false));
        assertThat(store.changesAfter(1, 1)).extracting(ChangeEvent::id).containsExactly(2L);
        assertThat(store.lastChange()).isEqualTo(3);
        assertThat(heard).isEqualTo(store.changesAfter(0, 10));
        assertThat(woken).containsExactly("m1");
    }

    @Test
    void chainsTheAuditLog() {
        for (int i = 1; i <= 5; i++) {
            Decision.Note note = new Decision.Note(NOW.plusSeconds(i), "test", "subject " + i, "line\nbreak");
            store.transact(ADMIN, view -> Decision.noted(List.of(), true, note));
        }
        assertThat(store.newestAudit(2)).extracting("subject").containsExactly("subject 5", "subject 4");
        assertThat(store.auditFrom(2, 2)).extracting("number").containsExactly(2L, 3L);
        assertThat(AuditChain.firstBreak(0, AuditChain.START, store.auditFrom(1, 100)))
                .isEmpty();
        assertThat(AuditChain.firstBreak(0, AuditChain.START, store.auditFrom(2, 100)))
                .contains(1L);
    }

    @Test
    void losesNoChangeOfManyThreads() throws InterruptedException {
        apply(new FleetChange.MachinePut(plain("m1", "web1")));
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                for (int n = 0; n < 25; n++) {
                    store.transact(ADMIN, view -> {
                        Machine machine = view.findMachine("m1").orElseThrow();
                        GoalPosition goal = new GoalPosition(machine.goal().generation() + 1, "d", 0, 0, null);
                        return Decision.silent(List.of(new FleetChange.MachinePut(machine.with(goal))), true);
                    });
                    store.read(view -> view.installations("m1"));
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(findMachine("m1").orElseThrow().goal().generation()).isEqualTo(100);
        assertThat(store.lastChange()).isEqualTo(101);
    }

    /** The decisions on this store: what one call has written is what the next one reads. */
    @Test
    void carriesAWholeLife() {
        Plane plane = new Plane(store);
        plane.publish("acme.Tool", "1.0", ", \"instances\": \"many\"");
        String id = plane.machine("web1", Map.of("t", Plane.secret("acme.Tool", Map.of("password", "s3cret"))));
        plane.connect(id);
        plane.fleet.factsReported(id, Map.of("os", "linux"));
        assertThat(plane.converge(id).installations()).isEmpty();
        plane.fleet.settingsKeyPublished(id, "certificate");
        assertThat(plane.converge(id).installations()).hasSize(1);
        plane.report(id, "t", InstallationState.READY);
        assertThat(plane.show("web1", "t").healthy()).isTrue();
        assertThat(plane.delete("web1", "t")).isPresent();
        plane.converge(id);
        plane.report(id, "t", InstallationState.REMOVED);
        assertThat(plane.fleet.listInstallations("default", "web1")).isEmpty();
        plane.fleet.deleteMachine(ADMIN, "default", "web1");
        plane.fleet.machineDeleted(ADMIN, id);
        assertThat(plane.fleet.listMachines("default")).isEmpty();
        assertThat(plane.fleet.verifyAuditChain()).isEmpty();
    }

    // Leftovers

    private <T> List<T> list(Function<FleetView, List<T>> query) {
        return store.read(query);
    }

    private static InstallationStatus gone(String name) {
        return new InstallationStatus(
                name,
                "acme.Tool",
                "1.0",
                InstallationState.REMOVED,
                7,
                3,
                false,
                null,
                null,
                "",
                null,
                1,
                NOW,
                NOW,
                StatusDetail.NONE.with(new RemovalReport(
                        List.of(new RemovalReport.Item("file", "/opt/tool")),
                        List.of(),
                        List.of(new RemovalReport.Item("user", "tool")),
                        0)));
    }

    private static Removal removal(String machineId, String machine, String name) {
        return new Removal(machineId, "default", machine, gone(name), NOW, Removal.How.UNINSTALLED);
    }

    private static Unmanaged unmanaged(String machineId, String machine, String name, boolean reported) {
        return new Unmanaged(machineId, "default", machine, gone(name), NOW, reported);
    }

    @Test
    void keepsTheNewestRemovalsOfEachMachine() {
        apply(new FleetChange.MachinePut(plain("m1", "web1")), new FleetChange.MachinePut(plain("m2", "web2")));
        apply(new FleetChange.RemovalPut(removal("m2", "web2", "other")));
        for (int i = 1; i <= Removal.KEPT + 2; i++) {
            apply(new FleetChange.RemovalPut(removal("m1", "web1", "tool" + i)));
        }
        List<Removal> kept = list(view -> view.removals("m1"));
        assertThat(kept).hasSize(Removal.KEPT);
        assertThat(kept.getFirst()).isEqualTo(removal("m1", "web1", "tool" + (Removal.KEPT + 2)));
        assertThat(kept.getLast().last().name()).isEqualTo("tool3");
        assertThat(list(view -> view.removals("m2"))).containsExactly(removal("m2", "web2", "other"));
    }

    @Test
    void keepsWhatNobodyManagesUntilItIsGone() {
        apply(new FleetChange.MachinePut(plain("m1", "web1")), new FleetChange.MachinePut(plain("m2", "web2")));
        apply(
                new FleetChange.UnmanagedPut(unmanaged("m1", "web1", "b", false)),
                new FleetChange.UnmanagedPut(unmanaged("m1", "web1", "a", false)),
                new FleetChange.UnmanagedPut(unmanaged("m2", "web2", "c", true)));
        apply(new FleetChange.UnmanagedPut(unmanaged("m1", "web1", "b", true)));
        assertThat(list(view -> view.unmanaged("m1")))
                .containsExactly(unmanaged("m1", "web1", "a", false), unmanaged("m1", "web1", "b", true));
        assertThat(list(view -> view.projectUnmanaged("default")))
                .extracting(Unmanaged::name)
                .containsExactly("a", "b", "c");
        apply(new FleetChange.UnmanagedGone("m1", "default", "web1", "a"));
        assertThat(list(view -> view.unmanaged("m1")))
                .extracting(Unmanaged::name)
                .containsExactly("b");
        List<ChangeEvent> events = store.changesAfter(0, 100);
        assertThat(events.getLast())
                .isEqualTo(new ChangeEvent(events.getLast().id(), "machine", "default", "web1", "", false));
    }

    @Test
    void takesLeftoversAwayWithTheirMachine() {
        apply(new FleetChange.MachinePut(plain("m1", "web1")));
        apply(
                new FleetChange.UnmanagedPut(unmanaged("m1", "web1", "a", false)),
                new FleetChange.RemovalPut(removal("m1", "web1", "b")));
        apply(new FleetChange.MachineGone("m1", "default", "web1"));
        assertThat(list(view -> view.unmanaged("m1"))).isEmpty();
        assertThat(list(view -> view.removals("m1"))).isEmpty();
    }

    @Test
    void findsInstallationsByExtensionOverAllMachines() {
        apply(new FleetChange.MachinePut(plain("m1", "web1")), new FleetChange.MachinePut(plain("m2", "web2")));
        apply(
                new FleetChange.InstallationPut(plain("m2", "web2", "b")),
                new FleetChange.InstallationPut(plain("m1", "web1", "a")));
        assertThat(list(view -> view.installationsOf("acme.Tool")))
                .extracting(Installation::name)
                .containsExactly("a", "b");
        assertThat(list(view -> view.installationsOf("acme.Other"))).isEmpty();
    }

    @Test
    void listsCredentialsOfOneKind() {
        Principal admin = new Principal("admin", Set.of(Permission.READ));
        Credential second = new Credential(Kind.API_TOKEN, "h2", admin, NOW.plusSeconds(1), null);
        Credential first = new Credential(Kind.API_TOKEN, "h3", admin, NOW, null);
        apply(
                new FleetChange.CredentialPut(second),
                new FleetChange.CredentialPut(first),
                new FleetChange.CredentialPut(new Credential(Kind.SESSION, "h1", admin, NOW, NOW.plusSeconds(9))));
        assertThat(list(view -> view.credentials(Kind.API_TOKEN))).containsExactly(first, second);
    }

    private static Command command(String id, String machineId) {
        return new Command(
                id,
                machineId,
                "default",
                "web1",
                new Command.Request("echo", "sha256:1", "/bin/sh", "www-data", "/tmp", Duration.ofMinutes(3)),
                "user:admin",
                NOW,
                NOW.plusSeconds(60),
                Command.Progress.NEW,
                0);
    }

    @Test
    void keepsCommandsUntilTheirMachineGoes() {
        apply(new FleetChange.MachinePut(plain("m1", "web1")), new FleetChange.CommandPut(command("c1", "m1")));
        Command stored = store.read(view -> view.findCommand("c1")).orElseThrow();
        assertThat(stored).isEqualTo(command("c1", "m1").stored(1));

        Command.Progress ended = new Command.Progress(
                CommandState.TIMED_OUT,
                true,
                NOW,
                NOW.plusSeconds(1),
                null,
                new Cause(CauseClass.TIMEOUT, "run", "m", "h", Map.of("k", "v")),
                3,
                4,
                true);
        apply(new FleetChange.CommandPut(stored.with(ended)));
        Command over = store.read(view -> view.commands("m1")).getFirst();
        assertThat(over.progress()).isEqualTo(ended);
        assertThat(over.request().script()).isEmpty();
        assertThat(waiting()).isEmpty();

        apply(new FleetChange.MachineGone("m1", "default", "web1"));
        boolean there = store.read(view -> view.findCommand("c1").isPresent());
        assertThat(there).isFalse();
    }

    private List<Command> waiting() {
        return store.read(view -> view.waitingCommands(NOW.plusSeconds(60)));
    }

    @Test
    void findsCommandsThatWaitedTooLongAndRefusesAnOldRevision() {
        apply(new FleetChange.MachinePut(plain("m1", "web1")), new FleetChange.CommandPut(command("c1", "m1")));
        List<Command> early = store.read(view -> view.waitingCommands(NOW.plusSeconds(59)));
        assertThat(early).isEmpty();
        assertThat(waiting()).hasSize(1);
        assertThatThrownBy(() ->
                        apply(new FleetChange.CommandPut(command("c1", "m1").stored(7))))
                .isInstanceOf(ProblemException.class);
        apply(new FleetChange.CommandGone("c1", "default", "web1"));
        assertThat(waiting()).isEmpty();
    }

    private static Snapshot snapshot(String id) {
        return new Snapshot(
                id,
                "m1",
                "default",
                "web1",
                new Snapshot.Wish(Snapshot.Consistency.AUTO, true, 3, 5),
                Snapshot.State.TAKING,
                null,
                null,
                null,
                "user:admin",
                NOW,
                null,
                0);
    }

    @Test
    void keepsSnapshotsAndRestoresUntilTheirMachineGoes() {
        Restore restore = new Restore("r1", "m1", "default", "web1", true, false, "m0", "s0", NOW);
        apply(
                new FleetChange.MachinePut(plain("m1", "web1")),
                new FleetChange.SnapshotChange.SnapshotPut(snapshot("s1")),
                new FleetChange.SnapshotChange.RestorePut(restore));
        Snapshot stored = store.read(view -> view.findSnapshot("s1")).orElseThrow();
        assertThat(stored).isEqualTo(snapshot("s1").stored(1));

        Snapshot ready = stored.ready(
                        new Snapshot.Taken(
                                new DiskSnapshot("s1", Optional.of("s0"), 1, "", true, 10, 5, "sha256:1"),
                                Snapshot.Consistency.APPLICATION,
                                "note",
                                NOW),
                        NOW.plusSeconds(1))
                .checked(new Snapshot.Check(NOW.plusSeconds(2), List.of("a", "b")));
        apply(new FleetChange.SnapshotChange.SnapshotPut(ready));
        assertThat(list(view -> view.snapshots("m1"))).containsExactly(ready.stored(2));
        assertThat(list(FleetView::snapshots)).containsExactly(ready.stored(2));
        assertThatThrownBy(() -> apply(new FleetChange.SnapshotChange.SnapshotPut(ready)))
                .isInstanceOf(ProblemException.class);

        Restore another = new Restore("r2", "m1", "default", "web1", true, true, null, null, NOW.plusSeconds(1));
        assertThat(list(FleetView::restores)).containsExactly(restore);
        Optional<Restore> found = store.read(view -> view.findRestore("m1"));
        assertThat(found).contains(restore);
        apply(new FleetChange.SnapshotChange.RestorePut(another));
        assertThat(list(FleetView::restores)).containsExactly(another);
        apply(new FleetChange.SnapshotChange.RestoreGone("m1"));
        assertThat(list(FleetView::restores)).isEmpty();

        apply(new FleetChange.SnapshotChange.RestorePut(restore), new FleetChange.MachineGone("m1", "default", "web1"));
        assertThat(list(FleetView::restores)).isEmpty();
        assertThat(list(FleetView::snapshots)).isEmpty();
    }

    private static Alert alert(String machineId, Map<String, String> labels) {
        return new Alert(
                "default",
                new AlertKey("disk-full", machineId, labels),
                Alert.Phase.FIRING,
                NOW,
                NOW,
                NOW.plusSeconds(1),
                NOW.plusSeconds(2),
                0.5,
                null,
                0);
    }

    @Test
    void keepsAnAlertForEachSetOfLabelsAndRefusesAnOldRevision() {
        Alert root = alert("m1", Map.of("mountpoint", "/", "device", "vda"));
        Alert data = alert("m1", Map.of("mountpoint", "/data", "device", "vdb"));
        apply(new AlertChange.AlertPut(root), new AlertChange.AlertPut(data));
        assertThat(list(view -> view.alerts("default", "disk-full")))
                .containsExactlyInAnyOrder(root.stored(), data.stored());
        assertThat(list(view -> view.alerts("default", "other"))).isEmpty();
        assertThat(list(view -> view.alerts("elsewhere"))).isEmpty();

        Alert told = root.stored().withToldPhase();
        apply(new AlertChange.AlertPut(told), new AlertChange.AlertGone("default", data.key()));
        assertThat(list(view -> view.alerts("default"))).containsExactly(told.stored());
        assertThatThrownBy(() -> apply(new AlertChange.AlertPut(root))).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> apply(new AlertChange.AlertPut(told))).isInstanceOf(ProblemException.class);
    }

    @Test
    void keepsRulesAndSilencesOfAProject() {
        AlertRule rule = DefaultRules.all().getFirst();
        StoredRule stored = new StoredRule("default", rule, NOW, "user:admin", 0);
        apply(new AlertChange.RulePut(stored));
        StoredRule first = list(view -> view.alertRules("default")).getFirst();
        assertThat(first).isEqualTo(new StoredRule("default", rule, NOW, "user:admin", 1));
        apply(new AlertChange.RulePut(new StoredRule("default", rule.enabled(false), NOW, "user:b", 1)));
        assertThatThrownBy(() -> apply(new AlertChange.RulePut(stored))).isInstanceOf(ProblemException.class);
        assertThat(list(view -> view.alertRules("default")))
                .extracting(one -> one.rule().enabled(), StoredRule::revision)
                .containsExactly(tuple(false, 2L));
        apply(new AlertChange.RuleGone("default", rule.name()));
        assertThat(list(view -> view.alertRules("default"))).isEmpty();

        Silence silence = new Silence(
                "s1",
                "default",
                List.of(LabelMatcher.parse("rule=~disk.*"), LabelMatcher.parse("machine=web1")),
                NOW,
                NOW.plusSeconds(60),
                "moving house",
                "user:admin",
                NOW);
        apply(new AlertChange.SilencePut(silence));
        assertThat(list(view -> view.silences("default"))).containsExactly(silence);
        assertThat(list(view -> view.silences("elsewhere"))).isEmpty();
        assertThat(list(FleetView::projects)).containsExactly("default");
        apply(new AlertChange.SilenceGone("default", "s1"));
        assertThat(list(view -> view.silences("default"))).isEmpty();
    }

    private static Finding finding(String id, String machineId, String subject, Instant seen) {
        return new Finding(
                id,
                new Finding.Key("default", machineId, Finding.Source.MACHINE, "av", "malware", subject),
                machineId.isEmpty() ? "" : "web1",
                "My.Av",
                new Finding.Content(FindingSeverity.HIGH, "title", Map.of("signature", "Eicar")),
                new Finding.Sights(NOW, seen, 2),
                new Finding.Standing(
                        FindingState.ACKNOWLEDGED, NOW, new Finding.Acknowledgement("user:a", NOW, "note"), null),
                Duration.ofDays(3),
                NOW.plusSeconds(100),
                0);
    }

    private static Finding ofAlert() {
        return new Finding(
                "f0",
                new Finding.Key("default", "m1", Finding.Source.ALERT, "", "alert", "cpu"),
                "web1",
                "",
                new Finding.Content(FindingSeverity.LOW, "", Map.of()),
                new Finding.Sights(NOW, NOW, 1),
                new Finding.Standing(FindingState.RESOLVED, NOW, null, Finding.Resolution.AGED),
                null,
                null,
                0);
    }

    private List<String> findings(FindingFilter filter) {
        return store.read(view ->
                view.findings("default", filter, 10).stream().map(Finding::id).toList());
    }

    @Test
    void keepsFindingsBeyondTheirMachine() {
        Finding one = finding("f1", "m1", "/x", NOW);
        apply(
                new FleetChange.MachinePut(plain("m1", "web1")),
                new FleetChange.FindingPut(one),
                new FleetChange.FindingPositionPut(new FindingPosition("m1", "e", 7, "m7")));
        assertThat(one(view -> view.findFinding("f1"))).contains(one.stored(1));
        assertThat(one(view -> view.findFinding(one.key()))).contains(one.stored(1));
        assertThat(one(view -> view.findFindingPosition("m1"))).contains(new FindingPosition("m1", "e", 7, "m7"));
        apply(new FleetChange.FindingPositionPut(new FindingPosition("m1", "f", 1, "m1")));
        assertThat(one(view -> view.findFindingPosition("m1"))).contains(new FindingPosition("m1", "f", 1, "m1"));
        assertThatThrownBy(() -> apply(new FleetChange.FindingPut(finding("f2", "m1", "/x", NOW))))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> apply(new FleetChange.FindingPut(one.stored(7))))
                .isInstanceOf(ProblemException.class);
        apply(new FleetChange.MachineGone("m1", "default", "web1"));
        assertThat(one(view -> view.findFinding("f1"))).isPresent();
        assertThat(one(view -> view.findFindingPosition("m1"))).isEmpty();
        apply(new FleetChange.FindingGone("f1", "default", "web1"));
        assertThat(one(view -> view.findFinding("f1"))).isEmpty();
    }

    @Test
    void findsFindings() {
        Finding resolved = new Finding(
                "f3",
                new Finding.Key("default", "m1", Finding.Source.MACHINE, "", "other", "cpu"),
                "web1",
                "",
                new Finding.Content(FindingSeverity.LOW, "", Map.of()),
                new Finding.Sights(NOW, NOW.plusSeconds(2), 1),
                new Finding.Standing(FindingState.RESOLVED, NOW, null, Finding.Resolution.REPORTED),
                null,
                NOW.plusSeconds(50),
                0);
        apply(
                new FleetChange.FindingPut(finding("f1", "m1", "/x", NOW.plusSeconds(2))),
                new FleetChange.FindingPut(finding("f2", "m1", "/y", NOW.plusSeconds(9))),
                new FleetChange.FindingPut(resolved),
                new FleetChange.FindingPut(finding("f4", "", "/x", NOW)),
                new FleetChange.FindingPut(ofAlert()));
        Set<FindingState> any = FindingFilter.ALL.states();
        assertThat(findings(FindingFilter.ALL)).containsExactly("f2", "f3", "f1", "f4", "f0");
        assertThat(findings(new FindingFilter(
                        null, null, null, null, null, any, new FindingFilter.Place(NOW.plusSeconds(2), "f3"))))
                .containsExactly("f1", "f4", "f0");
        assertThat(findings(new FindingFilter("web1", "My.Av", "av", "malware", FindingSeverity.HIGH, any, null)))
                .containsExactly("f2", "f1");
        assertThat(findings(new FindingFilter(null, null, null, null, null, Set.of(FindingState.RESOLVED), null)))
                .containsExactly("f3", "f0");
        assertThat(one(view -> view.findFinding("f3"))).contains(resolved.stored(1));
        assertThat(store.<Long>read(view -> view.countFindings("default", "m1")))
                .isEqualTo(3);
        assertThat(list(view -> view.openFindings("default", "m1")))
                .extracting(Finding::id)
                .containsExactlyInAnyOrder("f1", "f2");
        assertThat(list(view -> view.oldestResolvedFindings("default", "m1", 5)))
                .extracting(Finding::id)
                .containsExactly("f3");
        assertThat(list(view -> view.dueFindings(NOW.plusSeconds(99), 5)))
                .extracting(Finding::id)
                .containsExactly("f3");
        assertThat(list(view -> view.dueFindings(NOW.plusSeconds(100), 2))).hasSize(2);
    }

    private <A> Optional<A> one(Function<FleetView, Optional<A>> query) {
        return store.read(query);
    }

    private static Repository repository(String machineId, String machine, String installation) {
        return new Repository(
                machineId,
                "default",
                machine,
                installation,
                "sealed password",
                "sealed secrets",
                List.of("AWS_ACCESS_KEY_ID"),
                RepositoryPolicy.DEFAULTS,
                RepositoryStatus.NONE.checked(new RepositoryStatus.Outcome(NOW, false, "wrong", 7)),
                NOW,
                0);
    }

    @Test
    void repositoriesStayWhenTheirMachineGoesAndAreReplacedByRevision() {
        apply(
                new FleetChange.RepositoryPut(repository("m-b", "web", "backup")),
                new FleetChange.RepositoryPut(repository("m-a", "web", "backup")),
                new FleetChange.RepositoryPut(repository("m-c", "db", "dump")));
        apply(new FleetChange.MachineGone("m-b", "default", "web"));

        assertThat(list(view -> view.repositories("default")))
                .containsExactly(
                        repository("m-c", "db", "dump").stored(1),
                        repository("m-a", "web", "backup").stored(1),
                        repository("m-b", "web", "backup").stored(1));
        assertThat(list(view -> view.repositories("other"))).isEmpty();
        assertThatThrownBy(() -> apply(new FleetChange.RepositoryPut(repository("m-a", "web", "backup"))))
                .isInstanceOf(ProblemException.class);
        Repository changed =
                repository("m-a", "web", "backup").with(RepositoryStatus.NONE).stored(1);
        apply(new FleetChange.RepositoryPut(changed));
        assertThat(store.<Optional<Repository>>read(view -> view.findRepository("m-a", "backup")))
                .contains(changed.stored(2));
        apply(new FleetChange.RepositoryGone("m-a", "default", "web", "backup"));
        assertThat(store.<Optional<Repository>>read(view -> view.findRepository("m-a", "backup")))
                .isEmpty();
    }

    private static Webhook webhook(String id, String name) {
        return new Webhook(
                id,
                "default",
                name,
                "https://example.org/x",
                new Webhook.Filter(Set.of(FindingEvent.OPENED), Set.of("malware"), FindingSeverity.MEDIUM),
                "sealed",
                "user:a",
                NOW,
                new Webhook.Health(NOW, NOW, 3, NOW, "it is away", 7),
                0);
    }

    private static Delivery delivery(String id, String webhook, int second) {
        return new Delivery(id, webhook, "{}", NOW.plusSeconds(second), 2, NOW.plusSeconds(second), 0);
    }

    @Test
    void keepsWebhooksAndWhatWaitsForThem() {
        apply(
                new FleetChange.WebhookPut(webhook("w2", "beta")),
                new FleetChange.WebhookPut(webhook("w1", "alpha")),
                new FleetChange.DeliveryPut(delivery("d9", "w1", 5)),
                new FleetChange.DeliveryPut(delivery("d2", "w1", 5)),
                new FleetChange.DeliveryPut(delivery("d3", "w1", 0)),
                new FleetChange.DeliveryPut(delivery("d4", "w2", 0)));
        assertThat(list(view -> view.webhooks("default")))
                .extracting(Webhook::name)
                .containsExactly("alpha", "beta");
        assertThat(list(FleetView::webhooks)).hasSize(2);
        Webhook stored = one(view -> view.findWebhook("w1")).orElseThrow();
        assertThat(stored).isEqualTo(webhook("w1", "alpha").stored(1));
        assertThatThrownBy(() -> apply(new FleetChange.WebhookPut(webhook("w3", "beta"))))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> apply(new FleetChange.WebhookPut(stored.stored(9))))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> apply(
                        new FleetChange.DeliveryPut(delivery("d3", "w1", 0).stored(9))))
                .isInstanceOf(ProblemException.class);
        assertThat(one(view -> view.nextDelivery("w1", NOW)))
                .contains(delivery("d3", "w1", 0).stored(1));
        // In the order in which they were made, not by their ids.
        assertThat(one(view -> view.nextDelivery("w1", NOW.plusSeconds(5))).map(Delivery::id))
                .contains("d9");
        assertThat(list(view -> view.deliveriesBefore("w1", NOW.plusSeconds(5), 2)))
                .extracting(Delivery::id)
                .containsExactly("d9", "d2");
        assertThat(list(view -> view.deliveriesBefore("w1", NOW, 2)))
                .extracting(Delivery::id)
                .containsExactly("d3");
        apply(
                new FleetChange.DeliveryPut(delivery("d3", "w1", 0).stored(1).retried(NOW.plusSeconds(60))),
                new FleetChange.DeliveryGone("d9"),
                new FleetChange.WebhookPut(stored.with(Webhook.Health.NEW)));
        assertThat(one(view -> view.findDelivery("d3")).orElseThrow().attempts())
                .isEqualTo(3);
        assertThat(one(view -> view.nextDelivery("w1", NOW))).isEmpty();
        assertThat(store.<Long>read(view -> view.countDeliveries("w1"))).isEqualTo(2);
        assertThat(one(view -> view.findWebhook("w1")).orElseThrow().health()).isEqualTo(Webhook.Health.NEW);
        apply(new FleetChange.WebhookGone("w1", "default", "alpha"));
        assertThat(store.<Long>read(view -> view.countDeliveries("w1"))).isZero();
        assertThat(list(FleetView::webhooks)).hasSize(1);
    }
}
