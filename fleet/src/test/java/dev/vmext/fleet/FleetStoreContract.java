package dev.vmext.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.Credential.Kind;
import dev.vmext.fleet.Installation.Conditions;
import dev.vmext.fleet.Installation.Hold;
import dev.vmext.fleet.Installation.Placement;
import dev.vmext.fleet.Installation.Settings;
import dev.vmext.fleet.Installation.Want;
import dev.vmext.fleet.Machine.Condition;
import dev.vmext.fleet.Machine.GoalPosition;
import dev.vmext.fleet.Machine.Phase;
import dev.vmext.fleet.Machine.SettingsKey;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.goal.Terms;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What every store of the fleet must do: revisions, events, audit, and machines with what is installed on them. Each implementation has
 * a small subclass, and one of {@link FleetRecordsContract}.
 */
public abstract class FleetStoreContract extends FleetStoreStage {
    private static final Conditions CONDITIONS =
            new Conditions(9, Order.Kind.RETRY, NOW, Map.of("install", Duration.ofMinutes(10)), NOW.plusSeconds(60));

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
}
