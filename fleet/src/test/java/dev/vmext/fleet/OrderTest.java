package dev.vmext.fleet;

import static dev.vmext.fleet.Plane.newest;
import static dev.vmext.fleet.Plane.settings;
import static dev.vmext.fleet.Plane.version;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationView.OrderView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Orders, deadlines and conflicts: how they come into the goal, and what is seen of them. */
class OrderTest {
    private final Plane plane = new Plane();
    private String web1 = "";

    @BeforeEach
    void failedInstallation() {
        plane.publish("acme.Tool", "1.0");
        web1 = plane.machine("web1", Map.of("tool", newest("acme.Tool")));
        plane.connect(web1);
        plane.converge(web1);
        plane.report(web1, "tool", InstallationState.FAILED);
    }

    private InstallationView order(Order.Kind kind) {
        plane.clock.advance(Duration.ofSeconds(1));
        return plane.fleet.orderInstallation(Plane.ADMIN, Plane.PROJECT, "web1", "tool", kind);
    }

    private Terms terms(String name) {
        return line(name).terms();
    }

    private InstallationGoal line(String name) {
        return plane.fleet.goal(web1).installations().stream()
                .filter(line -> line.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static InstallationWrite with(Map<String, Long> deadlines) {
        return new InstallationWrite("acme.Tool", null, null, null, null, null, deadlines, null);
    }

    @Test
    void goesToTheMachineWithANewGoalAndIsAudited() {
        long before = plane.fleet.goalGeneration(web1);
        OrderView view = requireNonNull(order(Order.Kind.RETRY).order());
        assertThat(view.kind()).isEqualTo("retry");
        assertThat(view.progress()).isEqualTo("waiting-machine");
        assertThat(plane.fleet.goalGeneration(web1)).isEqualTo(before + 1);
        assertThat(terms("tool").order()).isEqualTo(new Order(view.number(), Order.Kind.RETRY));
        assertThat(plane.fleet.audit(1).getFirst().action()).isEqualTo("installation.retry");
        assertThat(plane.fleet.audit(1).getFirst().subject()).isEqualTo("default/web1/tool");
    }

    @Test
    void repeatsNothingAndHidesNothingOfWhatWasSeen() {
        InstallationView view = order(Order.Kind.RETRY);
        assertThat(view.state()).isEqualTo("failed");
        assertThat(line("tool").sequence()).isZero();
    }

    @Test
    void tellsHowFarTheOrderCame() {
        order(Order.Kind.RETRY);
        plane.liveness.disconnect(web1);
        assertThat(requireNonNull(plane.show("web1", "tool").order()).progress())
                .isEqualTo("waiting-machine");
        GoalState goal = plane.fleet.offerGoal(web1);
        plane.fleet.goalAcknowledged(web1, goal.generation());
        assertThat(requireNonNull(plane.show("web1", "tool").order()).progress())
                .isEqualTo("acknowledged");
        plane.report(web1, "tool", InstallationState.INSTALLING);
        InstallationView taken = plane.show("web1", "tool");
        assertThat(requireNonNull(taken.order()).progress()).isEqualTo("taken");
        assertThat(taken.state()).isEqualTo("installing");
    }

    @Test
    void risesWithEveryOrderEvenWhenTheClockStandsStill() {
        long first = requireNonNull(order(Order.Kind.RETRY).order()).number();
        long second = requireNonNull(plane.fleet
                        .orderInstallation(Plane.ADMIN, Plane.PROJECT, "web1", "tool", Order.Kind.CANCEL)
                        .order())
                .number();
        long third = requireNonNull(plane.fleet
                        .orderInstallation(Plane.ADMIN, Plane.PROJECT, "web1", "tool", Order.Kind.RELEASE)
                        .order())
                .number();
        assertThat(List.of(first, second, third)).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void isVoidWithANewTargetAndItsNumberIsNotGivenAgain() {
        long first = requireNonNull(order(Order.Kind.CANCEL).order()).number();
        assertThat(plane.put("web1", "tool", newest("acme.Tool")).order())
                .as("writing the same again leaves the order")
                .isNotNull();
        assertThat(plane.put("web1", "tool", settings("acme.Tool", Map.of("a", 1)))
                        .order())
                .isNull();
        assertThat(terms("tool")).isEqualTo(Terms.NONE);
        assertThat(requireNonNull(order(Order.Kind.RETRY).order()).number()).isGreaterThan(first);
    }

    @Test
    void isVoidWhenTheVersionChangesOrItIsUninstalled() {
        plane.publish("acme.Tool", "1.1");
        order(Order.Kind.CANCEL);
        assertThat(plane.put("web1", "tool", version("acme.Tool", "1.1")).order())
                .isNull();
        order(Order.Kind.CANCEL);
        plane.delete("web1", "tool");
        assertThat(plane.show("web1", "tool").order()).isNull();
        assertThat(requireNonNull(order(Order.Kind.RETRY).order()).kind())
                .as("an uninstall that failed can be tried again")
                .isEqualTo("retry");
    }

    @Test
    void isOfferedWhereItMakesSense() {
        assertThat(plane.show("web1", "tool").offered()).containsExactly("retry", "reset");
        plane.report(web1, "tool", InstallationState.INSTALLING);
        assertThat(plane.show("web1", "tool").offered()).containsExactly("cancel");
        plane.report(web1, "tool", InstallationState.READY);
        assertThat(plane.show("web1", "tool").offered()).containsExactly("reset");
    }

    @Test
    void isRefusedOnlyForWhatIsNotThere() {
        assertThatThrownBy(() ->
                        plane.fleet.orderInstallation(Plane.ADMIN, Plane.PROJECT, "web1", "other", Order.Kind.RETRY))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(ProblemCode.INSTALLATION_NOT_FOUND));
    }

    @Test
    void putsDeadlinesIntoTheGoalWithoutANewTarget() {
        InstallationView view = plane.put("web1", "tool", with(Map.of("install", 600L)));
        assertThat(view.deadlines()).containsExactly(Map.entry("install", 600L));
        assertThat(view.sequence()).isZero();
        assertThat(view.state()).isEqualTo("failed");
        assertThat(terms("tool").deadlines()).containsExactly(Map.entry("install", Duration.ofMinutes(10)));
        long generation = plane.fleet.goalGeneration(web1);
        plane.put("web1", "tool", with(new HashMap<>(Map.of("install", 600L))));
        assertThat(plane.fleet.goalGeneration(web1)).isEqualTo(generation);
        assertThat(plane.put("web1", "tool", newest("acme.Tool")).deadlines()).isEmpty();
    }

    @Test
    void refusesDeadlinesThatAreNone() {
        for (Map<String, Long> wrong : List.of(Map.of("start", 5L), Map.of("install", 0L), Map.of("enable", 90_000L))) {
            assertThatThrownBy(() -> plane.put("web1", "tool", with(wrong)))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE));
        }
    }

    @Test
    void tellsTheMachineWhatIsStillBeingRemovedAndExcludesWhatComes() {
        plane.publish("acme.Guard", "1.0", ", \"conflicts\": [{\"name\": \"acme.Tool\"}]");
        assertThatThrownBy(() -> plane.put("web1", "guard", newest("acme.Guard")))
                .isInstanceOfSatisfying(ProblemException.class, problem -> {
                    assertThat(problem.code()).isEqualTo(ProblemCode.EXTENSION_CONFLICT);
                    assertThat(problem.detail()).contains("guard", "tool");
                });
        plane.delete("web1", "tool");
        plane.put("web1", "guard", newest("acme.Guard"));
        assertThat(terms("guard").conflicts()).containsExactly("tool");
        assertThat(terms("tool").conflicts()).as("nothing keeps it from going").isEmpty();
        plane.converge(web1);
        plane.report(web1, "tool", InstallationState.REMOVED);
        assertThat(terms("guard").conflicts()).isEmpty();
    }
}
