package dev.vmext.server.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.fleet.Actor;
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
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.http.ProblemTranslator;
import dev.vmext.server.publishing.Publishers;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Work is put into a list instead of on threads, so that a test can stop the world between two steps. */
class ProvisionerTest {
    private static final Actor ADMIN = Actor.user("admin");

    @TempDir
    Path folder;

    private final InMemoryMachineProvider provider = new InMemoryMachineProvider();
    private final List<Runnable> threads = new ArrayList<>();
    private Fleet fleet;
    private Provisioner provisioner;

    @BeforeEach
    void build() throws IOException {
        Files.writeString(folder.resolve(AgentArchive.FILE), "archive");
        fleet = new Fleet(
                new InMemoryFleetStore(),
                ManualClock.atNewYear(),
                new CountingIds(),
                new FakeSettingsValidator(),
                new FakeSealer(),
                Liveness.NOBODY);
        provisioner = provisioner();
    }

    /** As after a restart: nothing of an earlier one is left but store, folder and provider. */
    private Provisioner provisioner() {
        threads.clear();
        return new Provisioner(
                fleet,
                List.of(provider),
                new Provisioner.Surroundings(
                        Publishers.open(folder.resolve("publishers.json"), folder, new SecureRandom()),
                        new AgentArchive(Optional.of(folder)),
                        () -> new GatewayFacts(List.of("gateway.example"), 4320, Digest.of(new byte[0])),
                        folder.resolve("seeds"),
                        threads::add,
                        ManualClock.atNewYear(),
                        new ProblemTranslator(() -> "incident")::translate));
    }

    @Test
    void answersBeforeAnythingIsMade() {
        MachineView machine = create("web1");

        assertThat(machine.state()).isEqualTo("provisioning");
        assertThat(provider.machines()).isEmpty();
        runAll();
        assertThat(provider.machines()).containsExactly(machine.id());
        assertThat(view("web1").power()).isEqualTo("running");
    }

    @Test
    void takesUpAMachineThatACrashLeftUnmade() {
        MachineView machine = create("web1");

        provisioner = provisioner();
        provisioner.start();
        runAll();

        assertThat(provider.boots(machine.id())).isEqualTo(1);
    }

    @Test
    void keepsTheTokenOfAMachineThatWasBootedBeforeACrash() {
        MachineView machine = create("web1");
        runAll();
        String token = token(machine.id());

        provisioner = provisioner();
        provisioner.start();
        runAll();

        assertThat(fleet.tokenFor(token).id()).isEqualTo(machine.id());
        assertThat(provider.boots(machine.id())).isEqualTo(1);
    }

    @Test
    void keepsSeedsFromOtherUsers() throws IOException {
        MachineView machine = create("web1");
        runAll();

        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(folder.resolve("seeds").resolve(machine.id() + ".json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void putsAFailureOnTheMachineAndTriesAgainWhenAsked() {
        MachineView machine = create("web1");
        provider.failNext(new ProviderProblem(
                ProviderProblem.Kind.IMAGE_BUILD_FAILED, "cannot build the image: no mirror answers", "check the net"));
        runAll();

        Problem problem = Objects.requireNonNull(view("web1").problem());
        assertThat(problem.code()).isEqualTo("image-build-failed");
        assertThat(problem.detail()).contains("no mirror answers");

        provisioner.start(ADMIN, record("web1"));
        runAll();
        assertThat(view("web1").problem()).isNull();
        assertThat(provider.boots(machine.id())).isEqualTo(1);
    }

    @Test
    void deletesAMachineThatCouldNotBeMade() {
        create("web1");
        provider.failNext(new ProviderProblem(ProviderProblem.Kind.BOOT_FAILED, "cannot boot: why", "look"));
        runAll();

        provisioner.delete(fleet.deleteMachine(ADMIN, "default", "web1"));
        runAll();

        assertThat(fleet.machineRecords()).isEmpty();
        assertThat(folder.resolve("seeds")).isEmptyDirectory();
    }

    @Test
    void finishesADeletionThatACrashCutShort() {
        create("web1");
        runAll();
        fleet.deleteMachine(ADMIN, "default", "web1");

        provisioner = provisioner();
        provisioner.start();
        runAll();

        assertThat(fleet.machineRecords()).isEmpty();
        assertThat(provider.machines()).isEmpty();
    }

    @Test
    void doesNotMakeAMachineThatWasDeletedMeanwhile() {
        create("web1");
        provisioner.delete(fleet.deleteMachine(ADMIN, "default", "web1"));

        runAll();

        assertThat(provider.machines()).isEmpty();
        assertThat(fleet.machineRecords()).isEmpty();
    }

    @Test
    void bootsAfterARestartWhatShouldRunAndNothingElse() {
        String wanted = create("wanted").id();
        String stopped = create("stopped").id();
        runAll();
        provisioner.stop(ADMIN, record("wanted"), true);
        provisioner.stop(ADMIN, record("stopped"), false);
        runAll();
        assertThat(view("wanted").power()).isEqualTo("stopped");

        provisioner = provisioner();
        provisioner.start();
        runAll();

        assertThat(provider.boots(wanted)).isEqualTo(2);
        assertThat(provider.boots(stopped)).isEqualTo(1);
    }

    @Test
    void noticesAPowerCut() {
        String id = create("web1").id();
        runAll();
        provider.kill(id);

        provisioner.observePower();

        assertThat(view("web1").power()).isEqualTo("stopped");
    }

    @Test
    void refusesWhatTheHostCannotHoldBeforeAnythingIsOnRecord() {
        provider.failNext(new ProviderProblem(ProviderProblem.Kind.NOT_ENOUGH_DISK, "cannot create: why", "do"));

        assertThat(catchThrowableOfType(ProviderProblem.class, () -> create("web1"))
                        .kind())
                .isEqualTo(ProviderProblem.Kind.NOT_ENOUGH_DISK);
        assertThat(fleet.machineRecords()).isEmpty();
    }

    @Test
    void refusesSizesThatAreNone() {
        ProblemException problem = catchThrowableOfType(
                ProblemException.class,
                () -> provisioner.create(
                        ADMIN, "default", new MachineCreate("web1", "memory", 0, null, null, null, null, null)));

        assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(problem.detail()).contains("cpus");
    }

    private MachineView create(String name) {
        return provisioner.create(
                ADMIN, "default", new MachineCreate(name, "memory", null, null, null, null, null, null));
    }

    private void runAll() {
        while (!threads.isEmpty()) {
            threads.removeFirst().run();
        }
    }

    private MachineView view(String name) {
        return fleet.getMachine("default", name);
    }

    private MachineRecord record(String name) {
        return fleet.machineRecord("default", name);
    }

    private String token(String machineId) {
        String userData = provider.findSpec(machineId).orElseThrow().seed().userData();
        int start = userData.indexOf("\\\"token\\\" : \\\"") + "\\\"token\\\" : \\\"".length();
        return userData.substring(start, userData.indexOf("\\\"", start));
    }
}
