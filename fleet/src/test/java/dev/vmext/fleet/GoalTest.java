package dev.vmext.fleet;

import static dev.vmext.fleet.Plane.after;
import static dev.vmext.fleet.Plane.newest;
import static dev.vmext.fleet.Plane.secret;
import static dev.vmext.fleet.Plane.settings;
import static dev.vmext.fleet.Plane.version;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GoalTest {
    private static final String MANY = ", \"instances\": \"many\"";

    private final Plane plane = new Plane();

    private String machine() {
        String id = plane.machine("web1");
        plane.connect(id);
        return id;
    }

    private static ProtectedSettings ciphertext(GoalState goal) {
        return requireNonNull(goal.installations().getFirst().protectedSettings());
    }

    @Test
    void ofANewMachineIsEmpty() {
        String id = machine();
        assertThat(plane.fleet.goal(id)).isEqualTo(GoalState.EMPTY);
    }

    @Test
    void offersPackagesAndRunsInOrderOfDependencyThenName() {
        Digest digest = plane.publish("acme.Tool", "1.0", MANY);
        String id = machine();
        plane.put("web1", "c", settings("acme.Tool", Map.of("z", 1, "a", "x")));
        plane.put("web1", "b", newest("acme.Tool"));
        plane.put("web1", "a", after("acme.Tool", "c"));
        GoalState goal = plane.fleet.goal(id);
        assertThat(goal.generation()).isEqualTo(3);
        assertThat(goal.installations()).extracting(InstallationGoal::name).containsExactly("b", "c", "a");
        assertThat(goal.installations().get(1).publicSettings()).isEqualTo("{\"a\":\"x\",\"z\":1}");
        assertThat(goal.installations().getLast().after()).containsExactly("c");
        assertThat(goal.packages().get("acme.Tool"))
                .satisfies(offer ->
                        assertThat(requireNonNull(offer).path()).isEqualTo("/v1/packages/sha256/" + digest.hex()));
        assertThat(plane.fleet.packageAllowed(id, digest)).isTrue();
        assertThat(plane.fleet.packageAllowed(id, Digest.of(new byte[] {1}))).isFalse();
        assertThat(plane.fleet.packageAllowed("other", digest)).isFalse();
    }

    @Test
    void removesBeforeItInstallsAndDependentsFirst() {
        plane.publish("acme.Tool", "1.0", MANY);
        String id = machine();
        plane.put("web1", "a", newest("acme.Tool"));
        plane.put("web1", "b", after("acme.Tool", "a"));
        plane.converge(id);
        plane.put("web1", "c", newest("acme.Tool"));
        plane.delete("web1", "b");
        plane.delete("web1", "a");
        assertThat(plane.fleet.goal(id).installations())
                .extracting(InstallationGoal::name)
                .containsExactly("b", "a", "c");
    }

    @Test
    void raisesItsGenerationOnlyWithItsContent() {
        plane.publish("acme.Tool", "1.0", MANY);
        String id = machine();
        plane.put("web1", "a", newest("acme.Tool"));
        plane.put("web1", "a", newest("acme.Tool"));
        plane.fleet.factsReported(id, Map.of("hostname", "web1"));
        plane.fleet.settingsKeyPublished(id, "certificate");
        plane.converge(id);
        plane.report(id, "a", InstallationState.READY);
        assertThat(plane.fleet.goalGeneration(id)).isEqualTo(1);
        plane.publish("acme.Tool", "2.0", MANY);
        assertThat(plane.fleet.goalGeneration(id)).isEqualTo(1);
    }

    @Test
    void holdsProtectedSettingsBackUntilTheMachineHasAKeyAndLetsTheRestGo() {
        plane.publish("acme.Tool", "1.0", MANY);
        String id = machine();
        plane.put("web1", "plain", newest("acme.Tool"));
        plane.put("web1", "secret", secret("acme.Tool", Map.of("password", "s3cret")));
        assertThat(plane.converge(id).installations())
                .extracting(InstallationGoal::name)
                .containsExactly("plain");
        InstallationView waiting = plane.show("web1", "secret");
        assertThat(waiting.state()).isEqualTo("pending");
        assertThat(requireNonNull(waiting.cause()).message()).contains("settings key");
        plane.fleet.settingsKeyPublished(id, "certificate");
        GoalState goal = plane.converge(id);
        assertThat(goal.installations()).hasSize(2);
        assertThat(FakeSealer.open(requireNonNull(goal.installations().get(1).protectedSettings())))
                .isEqualTo("{\"password\":\"s3cret\"}");
        assertThat(plane.show("web1", "secret").cause()).isNull();
    }

    @Test
    void makesCiphertextOncePerSettingsVersionAndKey() {
        plane.publish("acme.Tool", "1.0", MANY);
        String id = machine();
        plane.fleet.settingsKeyPublished(id, "certificate");
        plane.put("web1", "s", secret("acme.Tool", Map.of("password", "s3cret")));
        ProtectedSettings first = ciphertext(plane.fleet.goal(id));
        plane.put("web1", "other", newest("acme.Tool"));
        plane.put("web1", "s", secret("acme.Tool", Map.of("password", "s3cret")));
        GoalState goal = plane.fleet.goal(id);
        assertThat(goal.installations().getLast().protectedSettings()).isEqualTo(first);
        assertThat(goal.generation()).isEqualTo(2);
        plane.delete("web1", "other");
        plane.fleet.settingsKeyPublished(id, "another certificate");
        GoalState rotated = plane.fleet.goal(id);
        assertThat(rotated.generation()).isEqualTo(4);
        assertThat(ciphertext(rotated).thumbprint()).isNotEqualTo(first.thumbprint());
        // The handler need not run again because the key was rotated.
        assertThat(rotated.installations().getFirst().sequence()).isZero();
    }

    @Test
    void isWaitedForUntilTheAgentAcknowledgesIt() {
        plane.publish("acme.Tool", "1.0");
        String id = machine();
        plane.put("web1", "a", newest("acme.Tool"));
        assertThat(plane.show("web1", "a").state()).isEqualTo("waiting-machine");
        assertThat(plane.show("web1", "a").cause()).isNull();
        plane.liveness.disconnect(id);
        assertThat(requireNonNull(plane.show("web1", "a").cause()).kind()).isEqualTo("machine-offline");
        plane.liveness.connect(id, plane.clock.instant());
        GoalState goal = plane.converge(id);
        plane.fleet.goalAcknowledged(id, 0);
        assertThat(plane.show("web1", "a").state()).isEqualTo("pending");
        plane.report(id, "a", InstallationState.INSTALLING);
        assertThat(plane.show("web1", "a").state()).isEqualTo("installing");
        plane.report(id, "a", InstallationState.READY);
        MachineView view = plane.fleet.getMachine("default", "web1");
        assertThat(view.appliedGeneration()).isEqualTo(goal.generation());
        assertThat(view.installations()).isEqualTo(1);
        assertThat(view.healthyInstallations()).isEqualTo(1);
        // A machine that goes offline keeps what it reported last.
        plane.liveness.disconnect(id);
        assertThat(plane.show("web1", "a").state()).isEqualTo("ready");
        assertThat(plane.show("web1", "a").healthy()).isTrue();
        // New settings wait again.
        plane.put("web1", "a", settings("acme.Tool", Map.of("x", 1)));
        assertThat(plane.show("web1", "a").state()).isEqualTo("waiting-machine");
        assertThat(plane.show("web1", "a").healthy()).isFalse();
        assertThat(plane.show("web1", "a").runningVersion()).isEqualTo("1.0");
    }

    @Test
    void believesAStatusWhoseAcknowledgementWasLost() {
        plane.publish("acme.Tool", "1.0");
        String id = machine();
        plane.put("web1", "a", newest("acme.Tool"));
        plane.fleet.offerGoal(id);
        plane.report(id, "a", InstallationState.READY);
        assertThat(plane.show("web1", "a").state()).isEqualTo("ready");
    }

    @Test
    void ignoresStatusesFromBeforeAndOfStrangers() {
        plane.publish("acme.Tool", "1.0");
        plane.publish("acme.Other", "1.0");
        String id = machine();
        plane.put("web1", "a", newest("acme.Tool"));
        GoalState first = plane.converge(id);
        InstallationGoal line = first.installations().getFirst();
        plane.report(id, plane.status(line, 1, InstallationState.READY));
        plane.put("web1", "a", settings("acme.Tool", Map.of("x", 1)));
        GoalState second = plane.converge(id);
        InstallationGoal changed = second.installations().getFirst();
        plane.report(id, plane.status(changed, 2, InstallationState.ENABLING));
        plane.report(id, plane.status(line, 1, InstallationState.FAILED));
        assertThat(plane.show("web1", "a").state()).isEqualTo("enabling");
        plane.report(id, plane.status(line, 2, InstallationState.FAILED));
        assertThat(plane.show("web1", "a").state()).isEqualTo("enabling");
        InstallationGoal stranger = new InstallationGoal(
                "a", "acme.Other", "1.0", line.packageDigest(), line.presence(), 9, List.of(), "{}", null);
        plane.report(id, plane.status(stranger, 9, InstallationState.FAILED));
        assertThat(plane.show("web1", "a").state()).isEqualTo("enabling");
        plane.report("no such machine", plane.status(line, 2, InstallationState.READY));
        assertThat(plane.fleet.listInstallations("default", "web1")).hasSize(1);
    }

    @Test
    void storesABatchOfStatusesInOneTransaction() {
        plane.publish("acme.Tool", "1.0");
        String one = plane.machine("web1", Map.of("a", newest("acme.Tool")));
        String two = plane.machine("web2", Map.of("a", newest("acme.Tool")));
        plane.converge(one);
        plane.converge(two);
        InstallationStatus ready =
                plane.status(plane.fleet.goal(one).installations().getFirst(), 1, InstallationState.READY);
        InstallationStatus installing =
                plane.status(plane.fleet.goal(one).installations().getFirst(), 1, InstallationState.INSTALLING);
        long before = plane.fleet.lastChange();
        plane.fleet.reportStatuses(List.of(
                new MachineStatus(one, installing), new MachineStatus(two, ready), new MachineStatus(one, ready)));
        assertThat(plane.show("web1", "a").state()).isEqualTo("ready");
        assertThat(plane.show("web2", "a").state()).isEqualTo("ready");
        assertThat(plane.fleet.changesAfter(before, 10))
                .extracting("kind")
                .containsExactly("installation", "installation");
        // A repetition changes nothing, and nobody is woken for it.
        long after = plane.fleet.lastChange();
        plane.fleet.reportStatuses(List.of(new MachineStatus(one, ready)));
        assertThat(plane.fleet.lastChange()).isEqualTo(after);
    }

    @Test
    void movesPastAnAgentThatHasSeenMore() {
        plane.publish("acme.Tool", "1.0");
        String id = machine();
        plane.put("web1", "a", newest("acme.Tool"));
        plane.fleet.offerGoal(id);
        plane.fleet.goalAcknowledged(id, 40);
        assertThat(plane.fleet.goalGeneration(id)).isEqualTo(41);
        plane.fleet.goalAcknowledged(id, Long.MAX_VALUE);
        assertThat(plane.fleet.goalGeneration(id)).isEqualTo(41);
    }

    @Test
    void updatesWithoutANewSequence() {
        plane.publish("acme.Tool", "1.0");
        plane.publish("acme.Tool", "1.1");
        String id = machine();
        plane.put("web1", "a", version("acme.Tool", "1.0"));
        plane.converge(id);
        plane.report(id, "a", InstallationState.READY);
        plane.clock.advance(Duration.ofMinutes(1));
        plane.put("web1", "a", version("acme.Tool", "1.1"));
        InstallationView view = plane.show("web1", "a");
        assertThat(view.state()).isEqualTo("waiting-machine");
        assertThat(view.version()).isEqualTo("1.1");
        assertThat(view.runningVersion()).isEqualTo("1.0");
        assertThat(view.sequence()).isZero();
        GoalState goal = plane.converge(id);
        assertThat(goal.installations().getFirst().version()).isEqualTo("1.1");
        assertThat(requireNonNull(goal.packages().get("acme.Tool")).version()).isEqualTo("1.1");
    }

    @Test
    void isNotOfferedToAMachineThatIsBeingDeleted() {
        String id = machine();
        plane.fleet.deleteMachine(Plane.ADMIN, "default", "web1");
        assertThatThrownBy(() -> plane.fleet.offerGoal(id)).isInstanceOf(ProblemException.class);
    }
}
