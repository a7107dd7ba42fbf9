package dev.vmext.fleet;

import static dev.vmext.fleet.Plane.newest;
import static dev.vmext.fleet.Plane.version;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.status.InstallationState;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing waits for ever without saying so: what is overdue, what expires, and what a version's state holds back. */
class StuckTest {
    private final Plane plane = new Plane();
    private String web1 = "";

    @BeforeEach
    void machine() {
        plane.publish("acme.Tool", "1.0");
        plane.publish("acme.Tool", "1.1");
        web1 = plane.machine("web1");
    }

    private static InstallationWrite expiring(long seconds) {
        return new InstallationWrite("acme.Tool", null, null, null, null, null, null, seconds);
    }

    private static InstallationWrite deadline(String command, long seconds) {
        return new InstallationWrite("acme.Tool", null, null, null, null, null, Map.of(command, seconds), null);
    }

    private InstallationView show() {
        return plane.show("web1", "tool");
    }

    @Test
    void isOverdueWhenTheAgentReportsNothingAfterItsDeadline() {
        plane.put("web1", "tool", deadline("install", 60));
        plane.connect(web1);
        plane.converge(web1);
        plane.report(web1, "tool", InstallationState.INSTALLING);
        plane.clock.advance(Duration.ofMinutes(11));
        assertThat(show().overdue())
                .as("install 1 min, files 10 min, and a minute of grace")
                .isNull();
        plane.clock.advance(Duration.ofMinutes(2));
        var overdue = requireNonNull(show().overdue());
        assertThat(overdue.cause().kind()).isEqualTo("agent");
        assertThat(overdue.cause().message()).contains("tool is installing", "reported nothing new");
        plane.liveness.disconnect(web1);
        assertThat(requireNonNull(show().overdue()).cause().kind()).isEqualTo("machine-offline");
        assertThat(requireNonNull(show().overdue()).cause().hint()).contains("vmext installation forget web1 tool");
        plane.report(web1, "tool", InstallationState.FAILED);
        assertThat(show().overdue()).isNull();
    }

    @Test
    void isOverdueWhenTheAgentAcknowledgedAndSaidNothing() {
        plane.put("web1", "tool", newest("acme.Tool"));
        plane.clock.advance(Duration.ofDays(30));
        assertThat(show().overdue())
                .as("no deadline runs while nobody has heard of it")
                .isNull();
        plane.connect(web1);
        plane.converge(web1);
        plane.clock.advance(Duration.ofSeconds(59));
        assertThat(show().overdue()).isNull();
        plane.clock.advance(Duration.ofSeconds(1));
        assertThat(requireNonNull(show().overdue()).cause().step()).isEqualTo("watch");
    }

    @Test
    void givesSlowMachinesTheTimeTheirAgentTakes() {
        plane.put("web1", "tool", deadline("install", 60));
        plane.connect(web1);
        plane.fleet.factsReported(web1, Map.of(FactKeys.DEADLINE_STRETCH, "10"));
        plane.converge(web1);
        plane.report(web1, "tool", InstallationState.INSTALLING);
        plane.clock.advance(Duration.ofMinutes(100));
        assertThat(show().overdue()).isNull();
        plane.clock.advance(Duration.ofMinutes(12));
        assertThat(show().overdue()).isNotNull();
    }

    @Test
    void expiresWhenTheMachineNeverAcknowledgedIt() {
        plane.put("web1", "tool", expiring(3600));
        assertThat(show().state()).isEqualTo("waiting-machine");
        plane.clock.advance(Duration.ofHours(1));
        assertThat(show().state()).isEqualTo("failed");
        assertThat(requireNonNull(show().cause()).step()).isEqualTo("expire");
        plane.connect(web1);
        assertThat(plane.fleet.offerGoal(web1).installations())
                .as("a machine that comes later does not get it")
                .isEmpty();
        assertThat(show().state()).isEqualTo("failed");
        plane.fleet.orderInstallation(Plane.ADMIN, Plane.PROJECT, "web1", "tool", Order.Kind.RETRY);
        assertThat(plane.fleet.offerGoal(web1).installations()).hasSize(1);
    }

    @Test
    void cancelsOnTheMachineWhatExpiredOnTheWay() {
        plane.connect(web1);
        plane.put("web1", "tool", expiring(60));
        plane.fleet.offerGoal(web1);
        plane.clock.advance(Duration.ofSeconds(60));
        GoalState goal = plane.fleet.offerGoal(web1);
        InstallationGoal line = goal.installations().getFirst();
        assertThat(requireNonNull(line.terms().order()).kind()).isEqualTo(Order.Kind.CANCEL);
        assertThat(plane.fleet.offerGoal(web1)).as("once").isEqualTo(goal);
    }

    @Test
    void doesNotExpireOnceTheMachineHasIt() {
        plane.connect(web1);
        plane.put("web1", "tool", expiring(60));
        plane.converge(web1);
        plane.clock.advance(Duration.ofHours(1));
        assertThat(show().state()).isEqualTo("pending");
        assertThat(plane.fleet
                        .offerGoal(web1)
                        .installations()
                        .getFirst()
                        .terms()
                        .order())
                .isNull();
    }

    @Test
    void holdsAVersionBackThatBecameInsecureBeforeTheMachineCame() {
        plane.put("web1", "tool", version("acme.Tool", "1.1"));
        long before = plane.fleet.goalGeneration(web1);
        plane.fleet.setVersionState(Plane.ADMIN, "acme.Tool", "1.1", VersionState.INSECURE);
        assertThat(plane.fleet.goalGeneration(web1)).isGreaterThan(before);
        assertThat(plane.fleet.goal(web1).installations()).isEmpty();
        assertThat(show().state()).isEqualTo("failed");
        assertThat(show().versionState()).isEqualTo("insecure");
        assertThat(requireNonNull(show().cause()).message()).contains("marked insecure");
        plane.fleet.setVersionState(Plane.ADMIN, "acme.Tool", "1.1", VersionState.ACTIVE);
        assertThat(plane.fleet.goal(web1).installations()).hasSize(1);
    }

    @Test
    void offersThePackageOfAWithdrawnVersionToNobodyAndLeavesItWhereItRuns() {
        var digest = plane.publish("acme.Tool", "1.2");
        plane.put("web1", "tool", version("acme.Tool", "1.2"));
        plane.connect(web1);
        plane.converge(web1);
        plane.report(web1, "tool", InstallationState.READY);
        assertThat(plane.fleet.packageAllowed(web1, digest)).isTrue();
        plane.fleet.setVersionState(Plane.ADMIN, "acme.Tool", "1.2", VersionState.WITHDRAWN);
        assertThat(plane.fleet.packageAllowed(web1, digest)).isFalse();
        GoalState goal = plane.fleet.offerGoal(web1);
        assertThat(goal.packages()).isEmpty();
        assertThat(goal.installations()).hasSize(1);
        assertThat(show().state()).isEqualTo("ready");
    }
}
