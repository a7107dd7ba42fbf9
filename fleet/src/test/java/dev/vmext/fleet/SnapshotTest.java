package dev.vmext.fleet;

import static dev.vmext.fleet.Plane.ADMIN;
import static dev.vmext.fleet.Plane.PROJECT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.fleet.Snapshot.Consistency;
import dev.vmext.fleet.provider.DiskSnapshot;
import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.protocol.api.DiskSnapshotView;
import dev.vmext.protocol.api.MachineRecover;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.SnapshotCreate;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnapshotTest {
    private final Plane plane = new Plane();

    private static SnapshotCreate plain() {
        return new SnapshotCreate(null, null, null, null);
    }

    private DiskSnapshotView begin(String machine) {
        plane.clock.advance(Duration.ofSeconds(1));
        return plane.fleet.createSnapshot(ADMIN, PROJECT, machine, plain());
    }

    /** A snapshot that is ready, on this one or full. */
    private String ready(String machine, @Nullable String parent) {
        DiskSnapshotView begun = begin(machine);
        int depth = parent == null
                ? 0
                : plane.fleet.getSnapshot(PROJECT, machine, parent).chain() + 1;
        plane.fleet.snapshotTaken(
                begun.id(),
                new Snapshot.Taken(
                        new DiskSnapshot(
                                begun.id(),
                                Optional.ofNullable(parent),
                                depth,
                                parent == null ? "why" : "",
                                true,
                                1 << 30,
                                1000,
                                "sha256:0"),
                        Consistency.CRASH,
                        "",
                        plane.clock.instant()));
        return begun.id();
    }

    private static ProblemCode refusal(Runnable action) {
        return catchThrowableOfType(ProblemException.class, action::run).code();
    }

    @Test
    void isTakingUntilItIsReadyAndThenTellsWhatItIs() {
        plane.machine("web1");
        DiskSnapshotView begun = begin("web1");
        assertThat(begun.state()).isEqualTo("taking");
        assertThat(begun.kind()).isNull();
        assertThat(plane.fleet.unfinishedSnapshots()).hasSize(1);

        String id = ready("web1", null);
        DiskSnapshotView view = plane.fleet.getSnapshot(PROJECT, "web1", id);
        assertThat(view.state()).isEqualTo("ready");
        assertThat(view.kind()).isEqualTo("full");
        assertThat(view.whyFull()).isEqualTo("why");
        assertThat(plane.fleet.listSnapshots(PROJECT, "web1"))
                .extracting(DiskSnapshotView::id)
                .containsExactly(id, begun.id());
    }

    @Test
    void refusesWhatCannotBe() {
        plane.machine("web1");
        plane.enrolment("own1");

        assertThat(refusal(() -> plane.fleet.createSnapshot(
                        ADMIN, PROJECT, "web1", new SnapshotCreate("perfect", null, null, null))))
                .isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(refusal(() ->
                        plane.fleet.createSnapshot(ADMIN, PROJECT, "web1", new SnapshotCreate(null, null, null, 0))))
                .isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(refusal(() -> plane.fleet.createSnapshot(ADMIN, PROJECT, "own1", plain())))
                .isEqualTo(ProblemCode.UNSUPPORTED_ACTION);
        assertThat(refusal(() -> plane.fleet.getSnapshot(PROJECT, "web1", "none")))
                .isEqualTo(ProblemCode.SNAPSHOT_NOT_FOUND);
    }

    @Test
    void whatIsBuiltOnGoesOnlyWithTheWholeChain() {
        plane.machine("web1");
        String full = ready("web1", null);
        String first = ready("web1", full);
        String second = ready("web1", first);

        assertThat(refusal(() -> plane.fleet.deleteSnapshot(ADMIN, PROJECT, "web1", first, false)))
                .isEqualTo(ProblemCode.SNAPSHOT_IN_USE);
        assertThat(plane.fleet.deleteSnapshot(ADMIN, PROJECT, "web1", first, true))
                .extracting(Snapshot::id)
                .containsExactly(second, first);
        assertThat(plane.fleet.unfinishedSnapshots()).extracting(Snapshot::id).containsExactlyInAnyOrder(first, second);
        plane.fleet.snapshotGone(first);
        plane.fleet.snapshotGone(second);
        assertThat(plane.fleet.listSnapshots(PROJECT, "web1"))
                .extracting(DiskSnapshotView::id)
                .containsExactly(full);
    }

    @Test
    void retentionDeletesWholeChainsOnly() {
        String machine = plane.machine("web1");
        String a1 = ready("web1", null);
        String a2 = ready("web1", a1);
        String b1 = ready("web1", null);
        String b2 = ready("web1", b1);

        assertThat(plane.fleet.retireSnapshots(machine, 3)).isEmpty();
        assertThat(plane.fleet.retireSnapshots(machine, 1))
                .extracting(Snapshot::id)
                .containsExactly(a2, a1);
        assertThat(plane.fleet.getSnapshot(PROJECT, "web1", b1).state()).isEqualTo("ready");
        assertThat(plane.fleet.getSnapshot(PROJECT, "web1", b2).state()).isEqualTo("ready");
    }

    @Test
    void aSnapshotThatAMachineIsRestoredFromStaysUntilThatIsDone() {
        String machine = plane.machine("web1");
        plane.connect(machine);
        plane.clock.advance(Duration.ofHours(2));
        String id = ready("web1", null);
        Restore restore = plane.fleet.restoreMachine(ADMIN, PROJECT, "web1", id);

        assertThat(restore.anew()).isFalse();
        assertThat(restore.reseed()).isFalse();
        assertThat(plane.fleet.findRestore(machine)).contains(restore);
        assertThat(refusal(() -> plane.fleet.deleteSnapshot(ADMIN, PROJECT, "web1", id, false)))
                .isEqualTo(ProblemCode.SNAPSHOT_IN_USE);
        plane.fleet.restoreEnded(restore);
        assertThat(plane.fleet.deleteSnapshot(ADMIN, PROJECT, "web1", id, false))
                .hasSize(1);
    }

    @Test
    void aDiskThatIsOlderThanTheCertificateHasItsAgentIntroduceItselfAnew() {
        String machine = plane.machine("web1");
        String id = ready("web1", null);
        plane.clock.advance(Duration.ofHours(2));
        plane.connect(machine);

        assertThat(plane.fleet.restoreMachine(ADMIN, PROJECT, "web1", id).reseed())
                .isTrue();
    }

    @Test
    void aBrokenOneIsNotRestored() {
        plane.machine("web1");
        String id = ready("web1", null);
        plane.fleet.snapshotChecked(id, List.of("the file is gone"));

        assertThat(refusal(() -> plane.fleet.restoreMachine(ADMIN, PROJECT, "web1", id)))
                .isEqualTo(ProblemCode.SNAPSHOT_BROKEN);
        plane.fleet.snapshotFailed(id, Problem.of(ProblemCode.SNAPSHOT_BROKEN, "d", "h"));
        assertThat(refusal(() -> plane.fleet.restoreMachine(ADMIN, PROJECT, "web1", id)))
                .isEqualTo(ProblemCode.SNAPSHOT_NOT_FOUND);
    }

    private InstallationGoal line(String machineId) {
        GoalState goal = plane.fleet.goal(machineId);
        return goal.installations().getFirst();
    }

    private String lost() {
        plane.publish("acme.Demo", "1.0");
        String machine =
                plane.machine("web1", Map.of("demo", Plane.secret("acme.Demo", Map.of("password", "swordfish"))));
        plane.connect(machine);
        plane.fleet.settingsKeyPublished(machine, "old key");
        plane.converge(machine);
        plane.report(machine, "demo", InstallationState.READY);
        return machine;
    }

    @Test
    void comesBackUnderItsOwnNameWithItsSettingsForTheNewKey() {
        String machine = lost();
        MachineCertificate old = plane.certificate(machine, "sha256:x");
        plane.fleet.certificateIssued(old);
        String snapshot = ready("web1", null);
        assertThat(refusal(
                        () -> plane.fleet.recoverMachine(ADMIN, PROJECT, "web1", new MachineRecover(null, null, null))))
                .isEqualTo(ProblemCode.MACHINE_NOT_LOST);
        plane.liveness.disconnect(machine);
        long before = plane.fleet.goalGeneration(machine);

        MachineRecord made = plane.fleet.recoverMachine(ADMIN, PROJECT, "web1", new MachineRecover(null, null, null));

        assertThat(made.id()).isEqualTo(machine);
        assertThat(made.enrolled()).isFalse();
        Restore restore = plane.fleet.findRestore(machine).orElseThrow();
        assertThat(restore.anew()).isTrue();
        assertThat(restore.snapshotId()).isEqualTo(snapshot);
        assertThat(refusal(() -> plane.fleet.admit(old.serial()))).isEqualTo(ProblemCode.CERTIFICATE_REFUSED);
        plane.connect(machine);
        plane.fleet.settingsKeyPublished(machine, "new key");
        assertThat(plane.fleet.goalGeneration(machine)).isGreaterThan(before);
        assertThat(FakeSealer.open(Objects.requireNonNull(line(machine).protectedSettings())))
                .contains("swordfish");
        assertThat(Objects.requireNonNull(line(machine).protectedSettings()).thumbprint())
                .isEqualTo(new FakeSealer().thumbprint("new key"));
    }

    @Test
    void comesBackAsAnotherMachineWithLabelsAndSettings() {
        String machine = lost();
        String snapshot = ready("web1", null);

        MachineRecord made =
                plane.fleet.recoverMachine(ADMIN, PROJECT, "web1", new MachineRecover("web2", null, snapshot));

        assertThat(made.id()).isNotEqualTo(machine);
        Restore restore = plane.fleet.findRestore(made.id()).orElseThrow();
        assertThat(restore.snapshotMachineId()).isEqualTo(machine);
        plane.connect(made.id());
        plane.fleet.settingsKeyPublished(made.id(), "key of web2");
        assertThat(FakeSealer.open(Objects.requireNonNull(line(made.id()).protectedSettings())))
                .contains("swordfish");
        // The disk of the snapshot may remember the goal of web1, and an agent never goes back.
        assertThat(plane.fleet.goalGeneration(made.id())).isGreaterThan(plane.fleet.goalGeneration(machine));
        MachineView web1 = plane.fleet.getMachine(PROJECT, "web1");
        assertThat(web1.installations()).isEqualTo(1);
        assertThat(refusal(() ->
                        plane.fleet.recoverMachine(ADMIN, PROJECT, "web1", new MachineRecover("web2", null, null))))
                .isEqualTo(ProblemCode.MACHINE_EXISTS);
    }

    @Test
    void onAnEmptyDiskNothingOfBeforeCounts() {
        String machine = lost();
        plane.liveness.disconnect(machine);
        assertThat(plane.show("web1", "demo").healthy()).isTrue();

        plane.fleet.recoverMachine(ADMIN, PROJECT, "web1", new MachineRecover(null, "nothing", null));

        assertThat(plane.show("web1", "demo").healthy()).isFalse();
        assertThat(plane.fleet.findRestore(machine).orElseThrow().snapshotId()).isNull();
    }

    @Test
    void refusesARecoveryFromWhatIsNotThere() {
        plane.machine("web1");
        plane.enrolment("own1");

        assertThat(refusal(() ->
                        plane.fleet.recoverMachine(ADMIN, PROJECT, "web1", new MachineRecover(null, "snapshot", null))))
                .isEqualTo(ProblemCode.SNAPSHOT_NOT_FOUND);
        assertThat(refusal(() ->
                        plane.fleet.recoverMachine(ADMIN, PROJECT, "web1", new MachineRecover(null, "tape", null))))
                .isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(refusal(
                        () -> plane.fleet.recoverMachine(ADMIN, PROJECT, "own1", new MachineRecover(null, null, null))))
                .isEqualTo(ProblemCode.UNSUPPORTED_ACTION);
    }
}
