package dev.vmext.fleet;

import static dev.vmext.fleet.Plane.after;
import static dev.vmext.fleet.Plane.newest;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.api.Forgotten;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.RemovedView;
import dev.vmext.protocol.api.UnmanagedView;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.RemovalReport;
import dev.vmext.protocol.status.StatusDetail;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records that are dropped without their machine, what that leaves there, and what a machine had. */
class ForgetTest {
    private final Plane plane = new Plane();
    private String web1 = "";

    @BeforeEach
    void machineWithATool() {
        plane.publish("acme.Tool", "1.0");
        plane.publish("acme.Other", "1.0");
        web1 = plane.machine("web1", Map.of("tool", newest("acme.Tool")));
    }

    private InstallationGoal run() {
        plane.connect(web1);
        plane.converge(web1);
        plane.report(web1, "tool", InstallationState.READY);
        return plane.fleet.goal(web1).installations().getFirst();
    }

    private Forgotten forget() {
        return plane.fleet.forgetInstallation(Plane.ADMIN, Plane.PROJECT, "web1", "tool");
    }

    private List<UnmanagedView> unmanaged() {
        return plane.fleet.getMachine(Plane.PROJECT, "web1").unmanaged();
    }

    private static void refused(ProblemCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void dropsTheRecordOfAMachineThatIsOffForEver() {
        run();
        plane.liveness.disconnect(web1);
        Forgotten answer = forget();
        assertThat(answer.message()).contains("may still run on machine web1");
        assertThat(answer.remains()).hasSize(1);
        refused(ProblemCode.INSTALLATION_NOT_FOUND, () -> plane.show("web1", "tool"));
        assertThat(plane.fleet.goal(web1).installations()).isEmpty();
        assertThat(unmanaged()).singleElement().satisfies(left -> {
            assertThat(left.extension()).isEqualTo("acme.Tool");
            assertThat(left.state()).isEqualTo("ready");
            assertThat(left.reported()).isFalse();
        });
        assertThat(plane.fleet.audit(1).getFirst().action()).isEqualTo("installation.forget");
    }

    @Test
    void leavesNothingOfWhatNeverReachedTheMachine() {
        assertThat(forget().remains()).isEmpty();
        assertThat(unmanaged()).isEmpty();
    }

    @Test
    void leavesNothingOfWhatTheMachinesOwnerTookAway() {
        InstallationGoal line = run();
        plane.report(web1, plane.status(line, plane.fleet.goalGeneration(web1), InstallationState.REMOVED));
        assertThat(forget().remains()).isEmpty();
        assertThat(unmanaged()).isEmpty();
    }

    @Test
    void changesNothingWhenItIsRepeated() {
        run();
        Forgotten first = forget();
        int lines = plane.fleet.audit(1000).size();
        assertThat(forget()).isEqualTo(first);
        assertThat(plane.fleet.audit(1000)).hasSize(lines);
        refused(
                ProblemCode.INSTALLATION_NOT_FOUND,
                () -> plane.fleet.forgetInstallation(Plane.ADMIN, Plane.PROJECT, "web1", "never"));
    }

    @Test
    void letsGoOnWhatCameAfterIt() {
        run();
        plane.put("web1", "other", after("acme.Other", "tool"));
        forget();
        assertThat(plane.show("web1", "other").after()).isEmpty();
        assertThat(plane.fleet.goal(web1).installations().getFirst().after()).isEmpty();
        assertThat(plane.put("web1", "other", newest("acme.Other")).name()).isEqualTo("other");
    }

    @Test
    void showsWhatAReturningMachineStillHas() {
        InstallationGoal line = run();
        forget();
        long generation = plane.converge(web1).generation();
        plane.report(web1, plane.status(line, generation, InstallationState.READY));
        assertThat(unmanaged())
                .singleElement()
                .satisfies(left -> assertThat(left.reported()).isTrue());
        plane.report(web1, plane.status(line, generation, InstallationState.REMOVED));
        assertThat(unmanaged()).as("its owner removed it by force").isEmpty();
    }

    @Test
    void takesOverWhatIsThereWithAHigherSequenceNumber() {
        InstallationGoal line = run();
        forget();
        plane.report(web1, plane.status(line, plane.converge(web1).generation(), InstallationState.READY));
        InstallationView adopted = plane.put("web1", "tool", newest("acme.Tool"));
        assertThat(adopted.runningVersion()).isEqualTo("1.0");
        assertThat(adopted.sequence()).isEqualTo(line.sequence() + 1);
        assertThat(unmanaged()).isEmpty();
        refused(ProblemCode.INSTALLATION_EXISTS, () -> {
            forget();
            plane.put("web1", "tool", newest("acme.Other"));
        });
        refused(ProblemCode.SINGLE_INSTANCE, () -> plane.put("web1", "tool2", newest("acme.Tool")));
    }

    @Test
    void removesWhatIsUnmanagedByWantingItAbsent() {
        run();
        forget();
        assertThat(plane.delete("web1", "tool").orElseThrow().removing()).isTrue();
        assertThat(unmanaged()).isEmpty();
        InstallationGoal line = plane.fleet.offerGoal(web1).installations().getFirst();
        assertThat(line.presence()).isEqualTo(Presence.ABSENT);
        assertThat(line.version()).isEqualTo("1.0");
        plane.report(web1, "tool", InstallationState.REMOVED);
        assertThat(plane.fleet.listInstallations(Plane.PROJECT, "web1")).isEmpty();
    }

    @Test
    void keepsTheRemovalReportAfterTheInstallationIsGone() {
        InstallationGoal line = run();
        plane.delete("web1", "tool");
        long generation = plane.converge(web1).generation();
        InstallationStatus removed = plane.status(line, generation, InstallationState.REMOVED);
        RemovalReport report = new RemovalReport(
                List.of(new RemovalReport.Item("file", "/opt/tool")),
                List.of(),
                List.of(new RemovalReport.Item("user", "tool")),
                3);
        plane.report(web1, with(removed, StatusDetail.NONE.with(report)));
        RemovedView gone = plane.fleet.removals(Plane.PROJECT, "web1").getFirst();
        assertThat(gone.how()).isEqualTo("uninstalled");
        assertThat(gone.name()).isEqualTo("tool");
        assertThat(requireNonNull(gone.report()).left().getFirst().name()).isEqualTo("tool");
        assertThat(requireNonNull(gone.report()).more()).isEqualTo(3);
    }

    private static InstallationStatus with(InstallationStatus status, StatusDetail detail) {
        return new InstallationStatus(
                status.name(),
                status.extension(),
                status.version(),
                status.state(),
                status.generation(),
                status.sequence(),
                status.healthy(),
                status.cause(),
                status.status(),
                status.output(),
                status.exitCode(),
                status.attempt(),
                status.since(),
                status.at(),
                detail);
    }

    @Test
    void forgetsAMachineWithAllThatIsKnownOfIt() {
        run();
        String serial = plane.connect(web1).serial();
        Forgotten answer = plane.fleet.forgetMachine(Plane.ADMIN, Plane.PROJECT, "web1");
        assertThat(answer.remains()).extracting(UnmanagedView::name).containsExactly("tool");
        assertThat(answer.message()).contains("provider qemu", "force-remove");
        assertThat(plane.fleet.listMachines(Plane.PROJECT)).isEmpty();
        refused(ProblemCode.CERTIFICATE_REFUSED, () -> plane.fleet.admit(serial));
        assertThat(plane.fleet.audit(1).getFirst().action()).isEqualTo("machine.forget");
        plane.machine("web1");
    }
}
