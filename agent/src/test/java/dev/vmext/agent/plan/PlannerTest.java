package dev.vmext.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Traits;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.InstallationState;
import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which steps follow each other, and what the installation is called meanwhile. */
class PlannerTest extends PaperMachine {
    @Test
    void aFreshInstallation() {
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).containsExactly("fetch", "unpack 1.0", "settings 0", "1.0 install", "1.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void anUpdateInTheOrderOfTheContract() {
        install("fw");
        want("fw", "2.0", V2, 1, Presence.PRESENT);
        push();
        converge();
        assertThat(steps)
                .containsExactly(
                        "fetch",
                        "unpack 2.0",
                        "settings 1",
                        "keep",
                        "1.0 disable",
                        "copy-state",
                        "2.0 update",
                        "1.0 uninstall",
                        "remove 1.0",
                        "2.0 install",
                        "2.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void anUpdateWithoutInstall() {
        install("fw");
        traits = new Traits(false, false, false, 1, Duration.ofSeconds(10), Duration.ofMinutes(5));
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).contains("2.0 update", "2.0 enable").doesNotContain("2.0 install");
    }

    @Test
    void aFailedDisableOfTheOldVersionEnablesItAgain() {
        install("fw");
        fails = step -> step.equals("1.0 disable");
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).endsWith("1.0 disable", "remove 2.0", "1.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.RETURNED);
    }

    @Test
    void aFailedDisableIsPassedOnWhereTheNewVersionSaysSo() {
        install("fw");
        traits = new Traits(false, true, true, 1, Duration.ofSeconds(10), Duration.ofMinutes(5));
        fails = step -> step.equals("1.0 disable") || step.equals("1.0 uninstall");
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).endsWith("2.0 install", "2.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void aFailedUpdateBeforeTheOldVersionWasTouchedLeavesItAlone() {
        install("fw");
        fails = step -> step.equals("unpack 2.0");
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).containsExactly("fetch", "unpack 2.0");
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
        assertThat(Objects.requireNonNull(entries.get("fw")).get(Slot.CURRENT).enabled())
                .isTrue();
    }

    @Test
    void aReturnThatFailsTooNamesBothCauses() {
        install("fw");
        fails = step -> step.equals("2.0 enable") || step.equals("1.0 install");
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
        assertThat(Objects.requireNonNull(Objects.requireNonNull(entries.get("fw"))
                                .status()
                                .cause())
                        .message())
                .contains("this was tried because");
    }

    @Test
    void goingBackToTheOldVersionAfterAFailedUpdateRunsNothing() {
        install("fw");
        fails = step -> step.equals("fetch");
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        steps.clear();
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).isEmpty();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void aFailedCommandIsTriedAsOftenAsThePackageSays() {
        traits = new Traits(false, true, false, 3, Duration.ofSeconds(10), Duration.ofMinutes(5));
        fails = step -> step.equals("1.0 install");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        for (int i = 0; i < 5; i++) {
            converge();
            now = now.plusSeconds(60);
        }
        assertThat(steps).filteredOn(step -> step.equals("1.0 install")).hasSize(3);
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
    }

    @Test
    void aRemovalGoesBeforeWhatItNeeds() {
        install("fw");
        want("av", "2.0", V2, 0, Presence.PRESENT, "fw");
        push();
        converge();
        steps.clear();
        want("fw", "1.0", V1, 0, Presence.ABSENT);
        want("av", "2.0", V2, 0, Presence.ABSENT, "fw");
        push();
        converge();
        assertThat(steps)
                .containsExactly(
                        "2.0 disable",
                        "2.0 uninstall",
                        "remove 2.0",
                        "remove",
                        "1.0 disable",
                        "1.0 uninstall",
                        "remove 1.0",
                        "remove");
        assertThat(state("av")).isEqualTo(InstallationState.REMOVED);
        assertThat(state("fw")).isEqualTo(InstallationState.REMOVED);
    }

    @Test
    void aRemovalStopsAtAFailedDisable() {
        install("fw");
        fails = step -> step.equals("1.0 disable");
        want("fw", "1.0", V1, 0, Presence.ABSENT);
        push();
        converge();
        assertThat(steps).containsExactly("1.0 disable");
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
    }

    @Test
    void aRemovalGoesOnAfterAFailedUninstall() {
        install("fw");
        fails = step -> step.equals("1.0 uninstall");
        want("fw", "1.0", V1, 0, Presence.ABSENT);
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.REMOVED);
    }

    @Test
    void waitingHasALimitAndEndsByItselfWhenTheOtherOneComes() {
        fails = step -> step.equals("1.0 enable");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        want("av", "2.0", V2, 0, Presence.PRESENT, "fw");
        push();
        converge();
        assertThat(state("av")).isEqualTo(InstallationState.BLOCKED);
        now = now.plus(Duration.ofMinutes(91));
        converge();
        assertThat(state("av")).isEqualTo(InstallationState.TIMED_OUT);
        fails = step -> false;
        want("fw", "1.0", V1, 1, Presence.PRESENT);
        push();
        converge();
        assertThat(state("av")).isEqualTo(InstallationState.READY);
    }

    @Test
    void anInstallationThatIsMerelyNotNamedIsLeftAlone() {
        install("fw");
        wanted.clear();
        push();
        converge();
        assertThat(steps).isEmpty();
        assertThat(entries).containsKey("fw");
    }

    @Test
    void whatWasRemovedIsForgottenWhenNobodyNamesItAnyMore() {
        install("fw");
        want("fw", "1.0", V1, 0, Presence.ABSENT);
        push();
        converge();
        wanted.clear();
        push();
        converge();
        assertThat(entries).isEmpty();
    }

    @Test
    void waitsForAPackageThatIsNotOfferedYet() {
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        offers.clear();
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.WAITING_PACKAGE);
        assertThat(steps).isEmpty();
    }

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    /** Whatever fails and whatever is wanted in between: it comes to rest, and with nothing failing any more it gets there. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void alwaysComesToRestAndGetsThereOnceNothingFails(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        traits = new Traits(
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                1 + random.nextInt(2),
                Duration.ofSeconds(10),
                Duration.ofMinutes(5));
        for (int i = 0; i < 12; i++) {
            fails = step -> random.nextInt(4) == 0;
            boolean second = random.nextBoolean();
            want(
                    "fw",
                    second ? "2.0" : "1.0",
                    second ? V2 : V1,
                    i,
                    random.nextInt(4) == 0 ? Presence.ABSENT : Presence.PRESENT);
            if (random.nextInt(5) == 0) {
                boot = "boot-" + i;
            }
            push();
            converge();
            assertThat(Objects.requireNonNull(entries.get("fw")).intent()).isNull();
            now = now.plusSeconds(random.nextInt(7200));
        }
        fails = step -> false;
        want("fw", "2.0", V2, 100, Presence.PRESENT);
        order("fw", 1, Order.Kind.RELEASE);
        converge();
        assertThat(state("fw")).as("after %s", steps).isEqualTo(InstallationState.READY);
        want("fw", "2.0", V2, 101, Presence.ABSENT);
        push();
        converge();
        assertThat(state("fw")).as("after %s", steps).isEqualTo(InstallationState.REMOVED);
    }
}
