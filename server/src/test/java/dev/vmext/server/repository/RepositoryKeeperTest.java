package dev.vmext.server.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.FindingFilter;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Publication;
import dev.vmext.fleet.testing.CountingIds;
import dev.vmext.fleet.testing.FakeLiveness;
import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.fleet.testing.FakeSettingsValidator;
import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.api.RepositoryWrite;
import dev.vmext.server.json.StrictJson;
import dev.vmext.server.repository.testing.FakeRestic;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done with repositories and when, and what is told of them; in one thread, the clock in the test's hand. */
class RepositoryKeeperTest {
    private static final Actor ADMIN = Actor.user("admin");
    private static final String HANDLER = """
            [{"name": "x", "version": 1.0, "handlerManifest": {"installCommand": "i", "enableCommand": "e",
              "disableCommand": "d", "updateCommand": "u", "uninstallCommand": "n"}}]""";
    private static final String MANIFEST = """
            {"schemaVersion": 1, "name": "acme.Backup", "version": "1.0", "displayName": "Backup", "category": "backup",
             "kind": "continuous", "instances": "many", "scripts": false, "gateway": ["repository"]}""";

    @TempDir
    Path home;

    private final ManualClock clock = ManualClock.atNewYear();
    private final FakeRestic restic = new FakeRestic();
    private Fleet fleet;
    private RepositoryFiles files;
    private RepositoryKeeper keeper;
    private RepositoryPlace place;
    private Restic.Place here;

    @BeforeEach
    void make() throws Exception {
        CountingIds ids = new CountingIds();
        fleet = new Fleet(
                new InMemoryFleetStore(),
                clock,
                ids,
                new FakeSettingsValidator(),
                new FakeSealer(),
                new FakeLiveness());
        fleet.publish(
                ADMIN,
                new Publication(
                        "acme.Backup",
                        "1.0",
                        HANDLER,
                        Optional.of(MANIFEST),
                        Digest.of(new byte[] {1}),
                        1,
                        "{\"signed\":1}",
                        "key"));
        fleet.createMachine(ADMIN, "default", new MachineCreate("web1", null, null, null, null, null, null, Map.of()));
        fleet.putInstallation(
                ADMIN, "default", "web1", "backup", new InstallationWrite("acme.Backup", null, null, null, null, null));
        files = RepositoryFiles.inFolder(home.resolve("repositories"), 0, ids::newId);
        Files.createDirectory(home.resolve("proofs"));
        keeper = new RepositoryKeeper(
                fleet,
                files,
                restic,
                new RepositoryKeeper.Folders(home, home.resolve("proofs"), home.resolve("run/drills")),
                clock,
                ids::newId,
                Runnable::run);
        keeper.start();
        place = RepositoryPlace.of(view());
        String password = fleet.repositorySecrets(place.machineId(), "backup").password();
        here = files.address(place, password);
    }

    private RepositoryView view() {
        return fleet.getRepository("default", "web1", "backup");
    }

    private RepositoryStatus status() {
        return view().status();
    }

    private void policy(String json) {
        fleet.writeRepository(
                ADMIN,
                "default",
                "web1",
                "backup",
                new RepositoryWrite(
                        StrictJson.read(json.getBytes(StandardCharsets.UTF_8), RepositoryPolicy.class), null));
    }

    /** A snapshot that says this time and comes now. */
    private void backUp(Instant says, String content) throws Exception {
        if (!files.initialised(place)) {
            files.create(place);
            Files.writeString(Path.of(here.location()).resolve("config"), "made");
            restic.initialise(here);
        }
        restic.backUp(here, says, Map.of("/etc/file", content));
        String id = restic.snapshots(here).getLast().view().id();
        Path file = Path.of(here.location()).resolve("snapshots").resolve(id);
        Files.writeString(file, "a snapshot");
        Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        files.changed(place);
    }

    private void backUp(String content) throws Exception {
        clock.advance(Duration.ofMinutes(1));
        backUp(clock.instant(), content);
    }

    private List<String> findings() {
        return fleet.listFindings("default", FindingFilter.ALL, 100).items().stream()
                .filter(finding -> finding.state().equals("open"))
                .map(FindingView::type)
                .sorted()
                .toList();
    }

    @Test
    void countsWhatMachinesBroughtAndTellsWhatIsOverdue() throws Exception {
        keeper.run();
        assertThat(status().snapshots()).isZero();
        assertThat(findings()).isEmpty();
        clock.advance(Duration.ofHours(37));
        keeper.run();
        assertThat(findings()).containsExactly("backup-overdue");

        backUp("one");
        keeper.run();
        assertThat(status().snapshots()).isEqualTo(1);
        assertThat(status().lastBackup()).isEqualTo(clock.instant());
        assertThat(status().bytes()).isPositive();
        assertThat(findings()).isEmpty();
        clock.advance(Duration.ofHours(37));
        keeper.run();
        assertThat(findings()).contains("backup-overdue");
    }

    @Test
    void prunesChecksAndProvesWhenItIsTime() throws Exception {
        policy("{\"keepLast\": 1, \"pruneHours\": 24, \"checkHours\": 48, \"proofHours\": 72, \"overdueHours\": 0}");
        backUp("one");
        backUp("two");
        keeper.run();
        assertThat(status().lastPrune()).isNull();
        for (int hour = 0; hour < 90; hour++) {
            clock.advance(Duration.ofHours(1));
            keeper.run();
        }
        assertThat(Objects.requireNonNull(status().lastPrune()).message()).isEqualTo("1 of 1 snapshots stay");
        assertThat(restic.snapshots(here)).hasSize(1);
        assertThat(Objects.requireNonNull(status().lastCheck()).good()).isTrue();
        RepositoryStatus.Proof proof = Objects.requireNonNull(status().lastProof());
        assertThat(proof.good()).as(proof.message()).isTrue();
        assertThat(proof.files()).isEqualTo(1);
        assertThat(proof.recoveryPointSeconds())
                .isGreaterThan(Duration.ofHours(70).toSeconds());
        assertThat(home.resolve("run/drills")).isEmptyDirectory();
        assertThat(findings()).isEmpty();
    }

    @Test
    void forgetsNothingWhileASnapshotLiesAboutItsTime() throws Exception {
        policy("{\"keepLast\": 1}");
        backUp("one");
        backUp(clock.instant().plus(Duration.ofDays(9)), "from the future");
        keeper.start(ADMIN, view(), RepositoryWork.PRUNE);

        RepositoryStatus.Outcome outcome = Objects.requireNonNull(status().lastPrune());
        assertThat(outcome.good()).isFalse();
        assertThat(outcome.message()).contains("nothing was forgotten");
        assertThat(restic.snapshots(here)).hasSize(2);
    }

    @Test
    void damageIsTold() throws Exception {
        backUp("one");
        restic.damage(here);
        keeper.start(ADMIN, view(), RepositoryWork.CHECK);
        assertThat(findings()).containsExactly("repository-damaged");
        assertThat(fleet.audit(1).getFirst().action()).isEqualTo("repository.check");
    }

    @Test
    void aStorageThatIsAwayIsNoDamage() throws Exception {
        backUp("one");
        restic.damage(here);
        Path config = Path.of(here.location(), "config");
        RepositoryKeeper other = new RepositoryKeeper(
                fleet,
                files,
                restic,
                new RepositoryKeeper.Folders(home, home.resolve("proofs"), home.resolve("run/drills")),
                clock,
                () -> "fresh",
                work -> {
                    replaceByALinkToItself(config);
                    work.run();
                });
        other.start(ADMIN, view(), RepositoryWork.CHECK);

        RepositoryStatus.Outcome outcome = Objects.requireNonNull(status().lastCheck());
        assertThat(outcome.good()).isTrue();
        assertThat(outcome.message()).startsWith("not checked: ");
        assertThat(findings()).isEmpty();
        // Nor does it keep what else is wrong from being told.
        clock.advance(Duration.ofHours(37));
        other.run();
        assertThat(findings()).contains("backup-overdue");
    }

    /** Nobody can look at such a file. */
    private static void replaceByALinkToItself(Path file) {
        try {
            Files.delete(file);
            Files.createSymbolicLink(file, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theOwnersProgramHasTheLastWordOnAProof() throws Exception {
        Path program = home.resolve("proofs/look");
        Files.writeString(program, "#!/bin/sh\ngrep -q good \"$1/etc/file\" && echo \"the file is good\"\n");
        policy("{\"proofProgram\": \"look\"}");
        backUp("bad");
        keeper.start(ADMIN, view(), RepositoryWork.PROVE);
        assertThat(Objects.requireNonNull(status().lastProof()).message()).contains("there is no executable look");

        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        keeper.start(ADMIN, view(), RepositoryWork.PROVE);
        assertThat(Objects.requireNonNull(status().lastProof()).message()).contains("look ended with 1");
        keeper.run();
        assertThat(findings()).containsExactly("backup-unproven");

        backUp("good");
        keeper.start(ADMIN, view(), RepositoryWork.PROVE);
        keeper.run();
        assertThat(Objects.requireNonNull(status().lastProof()).message()).contains("the file is good");
        assertThat(findings()).isEmpty();
    }

    @Test
    void theSecondPlaceFollowsAndItsLagIsTold() throws Exception {
        String there = home.resolveSibling("there").toString();
        policy("{\"replica\": \"" + there + "\", \"replicaHours\": 1, \"replicaLagHours\": 5, \"overdueHours\": 0}");
        backUp("one");
        for (int i = 0; i < 2; i++) {
            clock.advance(Duration.ofMinutes(10));
            keeper.run();
        }
        RepositoryStatus.Replication first = Objects.requireNonNull(status().lastReplication());
        assertThat(first.good()).as(first.message()).isTrue();
        assertThat(first.snapshots()).isEqualTo(1);

        backUp("two");
        restic.fail(new ResticException(ResticException.Kind.FAILED, "the network is gone"));
        keeper.start(ADMIN, view(), RepositoryWork.REPLICATE);
        RepositoryStatus.Replication failed = Objects.requireNonNull(status().lastReplication());
        assertThat(failed.good()).isFalse();
        assertThat(failed.message()).contains("the network is gone");

        policy("{\"replicaHours\": 0}");
        keeper.run();
        clock.advance(Duration.ofHours(6));
        keeper.run();
        assertThat(findings()).containsExactly("replica-behind");
        keeper.start(ADMIN, view(), RepositoryWork.REPLICATE);
        assertThat(Objects.requireNonNull(status().lastReplication()).snapshots())
                .isEqualTo(2);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aSecondPlaceBesideTheFirstIsNone() throws Exception {
        policy("{\"replica\": \"" + home.resolve("copy") + "\"}");
        backUp("one");
        keeper.start(ADMIN, view(), RepositoryWork.REPLICATE);
        assertThat(Objects.requireNonNull(status().lastReplication()).message()).contains("own folder");
    }

    @Test
    void whatCannotBeDoneIsRefusedAtOnce() throws Exception {
        assertThatThrownBy(() -> keeper.start(ADMIN, view(), RepositoryWork.CHECK))
                .hasMessageContaining("no backup was ever made");
        backUp("one");
        assertThatThrownBy(() -> keeper.start(ADMIN, view(), RepositoryWork.REPLICATE))
                .hasMessageContaining("no second place");
        assertThatThrownBy(() -> keeper.delete(ADMIN, "default", "web1", "backup"))
                .hasMessageContaining("writes into it");
        assertThat(Path.of(here.location())).exists();
        fleet.deleteInstallation(ADMIN, "default", "web1", "backup");
        keeper.delete(ADMIN, "default", "web1", "backup");
        assertThat(Path.of(here.location())).doesNotExist();
    }

    @Test
    void workThatBreaksInAWayThatNothingForeseesEndsAndSaysSo() throws Exception {
        backUp("one");
        policy("{\"replica\": \"/second\"}");
        Restic broken = (Restic) Proxy.newProxyInstance(
                Restic.class.getClassLoader(), new Class<?>[] {Restic.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("bent");
                });
        RepositoryKeeper other = new RepositoryKeeper(
                fleet,
                files,
                broken,
                new RepositoryKeeper.Folders(home, home.resolve("proofs"), home.resolve("run/drills")),
                clock,
                () -> "fresh",
                Runnable::run);
        for (RepositoryWork work : RepositoryWork.values()) {
            other.start(ADMIN, view(), work);
            assertThat(other.running(view())).isEmpty();
        }
        assertThat(Objects.requireNonNull(status().lastPrune()).message()).contains("bent");
        assertThat(Objects.requireNonNull(status().lastCheck()).message()).contains("not checked", "bent");
        assertThat(Objects.requireNonNull(status().lastProof()).message()).contains("bent");
        assertThat(Objects.requireNonNull(status().lastReplication()).message()).contains("bent");
    }
}
