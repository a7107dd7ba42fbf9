package dev.vmext.server.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.FindingFilter;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Liveness;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.testing.InMemoryMachineProvider;
import dev.vmext.fleet.testing.CountingIds;
import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.fleet.testing.FakeSettingsValidator;
import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.DiskSnapshotView;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineRecover;
import dev.vmext.protocol.api.SnapshotCreate;
import dev.vmext.protocol.freeze.FreezeAnswer;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.http.ProblemTranslator;
import dev.vmext.server.publishing.Publishers;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Work is put into a list instead of on threads, so that a test can stop the world between two steps. */
class SnapshotsTest {
    private static final Actor ADMIN = Actor.user("admin");

    @TempDir
    Path folder;

    private final InMemoryMachineProvider provider = new InMemoryMachineProvider();
    private final List<Runnable> threads = new ArrayList<>();
    private final ManualClock clock = ManualClock.atNewYear();
    private final Guest guest = new Guest();
    private Fleet fleet;
    private Provisioner provisioner;
    private Snapshots snapshots;
    private String machineId = "";

    /** A machine that writes down when it is held and let go, and what its disk holds meanwhile. */
    private final class Guest implements Snapshots.Stillness {
        private final List<String> heard = new ArrayList<>();
        private FreezeAnswer held = new FreezeAnswer("x", true, "/");
        private FreezeAnswer released = new FreezeAnswer("x", true, "");

        @Override
        public CompletableFuture<FreezeAnswer> hold(String id, String snapshot, int seconds) {
            heard.add("hold");
            if (held.good()) {
                provider.write(id, "still");
            }
            return CompletableFuture.completedFuture(held);
        }

        @Override
        public CompletableFuture<FreezeAnswer> release(String id, String snapshot) {
            heard.add("release");
            provider.write(id, "goes on");
            return CompletableFuture.completedFuture(released);
        }
    }

    @BeforeEach
    void build() throws IOException {
        Files.writeString(folder.resolve(AgentArchive.FILE), "archive");
        fleet = new Fleet(
                new InMemoryFleetStore(),
                clock,
                new CountingIds(),
                new FakeSettingsValidator(),
                new FakeSealer(),
                Liveness.NOBODY);
        restart();
        machineId = provisioner
                .create(ADMIN, "default", new MachineCreate("web1", "memory", null, null, null, null, null, null))
                .id();
        runAll();
        provider.write(machineId, "first");
    }

    /** Nothing of an earlier server is left but store, folder and provider. */
    private void restart() {
        threads.clear();
        ProblemTranslator translator = new ProblemTranslator(() -> "incident");
        snapshots = new Snapshots(fleet, List.of(provider), guest, threads::add, clock, translator::translate);
        provisioner = new Provisioner(
                fleet,
                List.of(provider),
                new Provisioner.Surroundings(
                        Publishers.open(folder.resolve("publishers.json"), folder, new SecureRandom()),
                        new AgentArchive(Optional.of(folder)),
                        () -> new GatewayFacts(List.of("gateway.example"), 4320, Digest.of(new byte[0])),
                        folder.resolve("seeds"),
                        threads::add,
                        clock,
                        translator::translate));
    }

    private void runAll() {
        while (!threads.isEmpty()) {
            threads.removeFirst().run();
        }
    }

    private MachineRecord machine() {
        return fleet.machineRecord("default", "web1");
    }

    private DiskSnapshotView take(@Nullable String consistency) {
        DiskSnapshotView begun = snapshots.create(ADMIN, machine(), new SnapshotCreate(consistency, null, null, null));
        runAll();
        return fleet.getSnapshot("default", "web1", begun.id());
    }

    private List<FindingView> findings() {
        return fleet.listFindings("default", FindingFilter.ALL, 10).items();
    }

    @Test
    void holdsTheMachineStillForTheMomentAndLetsItGo() {
        DiskSnapshotView view = take("application");

        assertThat(view.state()).isEqualTo("ready");
        assertThat(view.consistency()).isEqualTo("application");
        assertThat(guest.heard).containsExactly("hold", "release");
        provisioner.restore(ADMIN, machine(), view.id());
        runAll();
        assertThat(provider.read(machineId)).as("the disk while it stood still").isEqualTo("still");
    }

    @Test
    void aMachineThatIsNotHeldGivesACrashConsistentOneThatSaysWhy() {
        guest.held = new FreezeAnswer("x", false, "a hook ended with 1");

        DiskSnapshotView view = take(null);

        assertThat(view.state()).isEqualTo("ready");
        assertThat(view.consistency()).isEqualTo("crash");
        assertThat(view.note()).isEqualTo("a hook ended with 1");
        assertThat(guest.heard).containsExactly("hold");
    }

    @Test
    void aMachineThatLetGoTooEarlyIsNotCalledConsistent() {
        guest.released = new FreezeAnswer("x", false, "it had let go before it was told to");
        assertThat(take("auto").consistency()).isEqualTo("crash");

        DiskSnapshotView failed = take("application");
        assertThat(failed.state()).isEqualTo("failed");
        assertThat(Objects.requireNonNull(failed.problem()).code()).isEqualTo("freeze-failed");
    }

    @Test
    void whoInsistsGetsNoOtherOneAndAFindingUntilTheNextSucceeds() {
        guest.held = new FreezeAnswer("x", false, "no");
        DiskSnapshotView failed = take("application");

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(findings()).singleElement().satisfies(finding -> {
            assertThat(finding.type()).isEqualTo("snapshot-failed");
            assertThat(finding.state()).isEqualTo("open");
        });
        guest.held = new FreezeAnswer("x", true, "/");
        take("application");
        assertThat(findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.state()).isEqualTo("resolved"));
    }

    @Test
    void crashConsistentOnesAndMachinesThatAreOffAreNotHeld() {
        assertThat(take("crash").consistency()).isEqualTo("crash");
        provider.stop(machineId);
        assertThat(take("application").consistency()).isEqualTo("off");
        assertThat(guest.heard).isEmpty();
    }

    @Test
    void whatAProviderCannotDoIsOnTheSnapshot() {
        provider.failNext(new ProviderProblem(ProviderProblem.Kind.NOT_ENOUGH_DISK, "cannot take: it is full", "room"));
        DiskSnapshotView failed = take("crash");

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(Objects.requireNonNull(failed.problem()).code()).isEqualTo("not-enough-disk");
    }

    @Test
    void aRestartSettlesWhatWasBegun() {
        DiskSnapshotView never = snapshots.create(ADMIN, machine(), new SnapshotCreate(null, null, null, null));
        DiskSnapshotView whole = snapshots.create(ADMIN, machine(), new SnapshotCreate(null, null, null, null));
        provider.take(
                machineId,
                new dev.vmext.fleet.provider.DiskSnapshots.Wish(whole.id(), false, 5),
                Runnable::run); // The server died between this and the record.
        restart();
        snapshots.start();
        runAll();

        assertThat(fleet.getSnapshot("default", "web1", never.id()).state()).isEqualTo("failed");
        assertThat(fleet.getSnapshot("default", "web1", whole.id()).state()).isEqualTo("ready");
        assertThat(fleet.unfinishedSnapshots()).isEmpty();
    }

    @Test
    void aSnapshotWhoseDataIsGoneIsNone() {
        DiskSnapshotView view = take("crash");
        provider.drop(machineId, view.id());
        restart();
        snapshots.start();
        runAll();

        assertThat(fleet.getSnapshot("default", "web1", view.id()).state()).isEqualTo("failed");
        assertThat(findings()).anySatisfy(finding -> assertThat(finding.type()).isEqualTo("snapshot-broken"));
    }

    @Test
    void aDeletionThatWasCutShortIsFinished() {
        DiskSnapshotView view = take("crash");
        snapshots.delete(ADMIN, machine(), view.id(), false);
        restart();
        snapshots.start();
        runAll();

        assertThat(provider.snapshots(machineId)).isEmpty();
        assertThat(fleet.listSnapshots("default", "web1")).isEmpty();
    }

    @Test
    void olderChainsGoAfterSuccess() {
        DiskSnapshotView old = take("crash");
        DiskSnapshotView begun = snapshots.create(ADMIN, machine(), new SnapshotCreate("crash", true, null, 1));
        runAll();

        assertThat(fleet.listSnapshots("default", "web1"))
                .extracting(DiskSnapshotView::id)
                .containsExactly(begun.id());
        assertThat(provider.snapshots(machineId)).noneMatch(one -> one.id().equals(old.id()));
    }

    @Test
    void anExaminationTellsWhatIsBroken() {
        DiskSnapshotView view = take("crash");
        snapshots.verify(machine(), view.id());
        runAll();
        assertThat(fleet.getSnapshot("default", "web1", view.id()).faults()).isEmpty();
        provider.breakSnapshot(machineId, view.id());
        snapshots.verify(machine(), view.id());
        runAll();

        assertThat(fleet.getSnapshot("default", "web1", view.id()).faults()).hasSize(1);
        assertThat(findings()).anySatisfy(finding -> assertThat(finding.type()).isEqualTo("snapshot-broken"));
        assertThat(catchThrowableOfType(ProblemException.class, () -> provisioner.restore(ADMIN, machine(), view.id()))
                        .code())
                .isEqualTo(ProblemCode.SNAPSHOT_BROKEN);
    }

    @Test
    void aRestoreThatACrashCutShortIsDoneByTheNextServer() {
        DiskSnapshotView view = take("crash");
        provider.write(machineId, "later");
        provisioner.restore(ADMIN, machine(), view.id());
        restart();
        provisioner.start();
        runAll();

        assertThat(provider.read(machineId)).isEqualTo("first");
        assertThat(fleet.findRestore(machineId)).isEmpty();
        assertThat(fleet.getMachine("default", "web1").power()).isEqualTo("running");
    }

    @Test
    void aRestoreThatFailsLeavesTheMachineRunningWithItsDisk() {
        DiskSnapshotView view = take("crash");
        provider.write(machineId, "later");
        provider.breakSnapshot(machineId, view.id());
        provisioner.restore(ADMIN, machine(), view.id());
        runAll();

        assertThat(provider.read(machineId)).isEqualTo("later");
        assertThat(Objects.requireNonNull(fleet.getMachine("default", "web1").problem())
                        .code())
                .isEqualTo("snapshot-broken");
        assertThat(fleet.findRestore(machineId)).isEmpty();
    }

    @Test
    void aLostMachineComesBackWithItsDiskAndIntroducesItselfAnew() {
        take("crash");
        provider.delete(machineId); // Somebody destroyed it.
        provisioner.recover(ADMIN, machine(), new MachineRecover(null, null, null));
        restart();
        provisioner.start();
        runAll();

        assertThat(provider.read(machineId)).isEqualTo("first");
        assertThat(provider.findSeed(machineId).orElseThrow().metaData()).doesNotContain(machineId);
        assertThat(fleet.findRestore(machineId)).isEmpty();
    }

    @Test
    void aLostMachineComesBackAsAnother() {
        take("crash");
        provisioner.recover(ADMIN, machine(), new MachineRecover("web2", null, null));
        runAll();

        String other = fleet.machineRecord("default", "web2").id();
        assertThat(provider.read(other)).isEqualTo("first");
        assertThat(provider.machines()).contains(machineId, other);
    }

    @Test
    void snapshotsGoWithTheirMachine() {
        take("crash");
        provisioner.delete(fleet.deleteMachine(ADMIN, "default", "web1"));
        runAll();

        assertThat(provider.snapshots(machineId)).isEmpty();
    }
}
