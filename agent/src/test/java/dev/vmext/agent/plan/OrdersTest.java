package dev.vmext.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Traits;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.StatusWord;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What operators and the machine's owner may order. */
class OrdersTest extends PaperMachine {
    @Test
    void cancelKillsTheRunningCommandAndEndsFailed() {
        hangs = step -> step.equals("fw 1.0 install");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(entry("fw").intent()).isNotNull();
        order("fw", 1, Order.Kind.CANCEL);
        converge();
        assertThat(entry("fw").intent()).isNull();
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
        assertThat(cause("fw").kind()).isEqualTo(CauseClass.CANCELLED);
        assertThat(steps).endsWith("1.0 install");
    }

    @Test
    void cancelInTheMiddleOfAnUpdateGoesBackToTheOldVersion() {
        install("fw");
        hangs = step -> step.equals("fw 2.0 install");
        update("fw");
        order("fw", 1, Order.Kind.CANCEL);
        converge();
        assertThat(steps).endsWith("1.0 install", "1.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.RETURNED);
        assertThat(cause("fw").kind()).isEqualTo(CauseClass.CANCELLED);
        assertThat(status("fw").detail().attempted())
                .satisfies(attempted -> assertThat(attempted).isNotNull());
        assertThat(entry("fw").memory().hold()).as("he knows what he wants").isNull();
    }

    @Test
    void aSecondCancelStopsTheWayBackToo() {
        install("fw");
        hangs = step -> step.equals("fw 2.0 install") || step.equals("fw 1.0 enable");
        update("fw");
        order("fw", 1, Order.Kind.CANCEL);
        converge();
        order("fw", 2, Order.Kind.CANCEL);
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
        assertThat(cause("fw").message()).contains("this was tried because");
    }

    @Test
    void cancelOfWhatWaitsEndsTheWaiting() {
        want("fw", "1.0", V1, 0, Presence.PRESENT, "nobody");
        push();
        converge();
        order("fw", 1, Order.Kind.CANCEL);
        converge();
        assertThat(cause("fw").kind()).isEqualTo(CauseClass.CANCELLED);
        want("nobody", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(state("fw")).as("cancelled is cancelled").isEqualTo(InstallationState.FAILED);
    }

    @Test
    void cancelOfWhatIsAtRestChangesNothing() {
        install("fw");
        order("fw", 1, Order.Kind.CANCEL);
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
        assertThat(steps).isEmpty();
    }

    @Test
    void aNewWishAfterACancelThatIsStillBeingCarriedOutCounts() {
        hangs = step -> step.equals("fw 1.0 install");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        Entry stopping = InstallationMachine.cancel(entry("fw"), now);
        entries.put("fw", stopping);
        hangs = step -> false;
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
        assertThat(status("fw").cause()).isNull();
    }

    @Test
    void retryTriesTheSameTargetAgainAndEachOrderOnce() {
        fails = step -> step.equals("1.0 install");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        order("fw", 1, Order.Kind.RETRY);
        converge();
        assertThat(steps).filteredOn(step -> step.equals("1.0 install")).hasSize(2);
        push();
        converge();
        assertThat(steps).filteredOn(step -> step.equals("1.0 install")).hasSize(2);
        fails = step -> false;
        order("fw", 2, Order.Kind.RETRY);
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
        assertThat(status("fw").attempt()).isEqualTo(1);
    }

    @Test
    void retryAfterTheHandlersOwnErrorEnablesAgain() {
        health = entry -> says(StatusWord.ERROR);
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
        health = entry -> says(StatusWord.SUCCESS);
        steps.clear();
        order("fw", 1, Order.Kind.RETRY);
        converge();
        assertThat(steps).containsExactly("1.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void resetTakesEverythingAwayWhateverGoesWrongAndBeginsFromNothing() {
        install("fw");
        fails = step -> step.equals("1.0 disable") || step.equals("1.0 uninstall") || step.equals("remove 1.0");
        order("fw", 1, Order.Kind.RESET);
        converge();
        assertThat(steps)
                .containsExactly(
                        "1.0 disable",
                        "1.0 uninstall",
                        "remove 1.0",
                        "remove",
                        "unpack 1.0",
                        "settings 0",
                        "1.0 install",
                        "1.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void resetRunsTheWorkOfAOneShotAgainAndAnUpdateDoesNot() {
        traits = oneShot();
        install("job");
        update("job");
        assertThat(steps).contains("2.0 update", "2.0 install", "2.0 adopt").doesNotContain("2.0 enable");
        assertThat(state("job")).isEqualTo(InstallationState.READY);
        steps.clear();
        order("job", 1, Order.Kind.RESET);
        converge();
        assertThat(steps).contains("2.0 enable");
    }

    private static Traits oneShot() {
        return new Traits(true, true, false, 1, Duration.ofSeconds(10), Duration.ofMinutes(5));
    }

    @Test
    void aReturnDoesNotDoTheOldWorkAgainEither() {
        traits = oneShot();
        install("job");
        fails = step -> step.equals("2.0 install");
        update("job");
        assertThat(state("job")).isEqualTo(InstallationState.RETURNED);
        assertThat(steps).endsWith("1.0 install", "1.0 adopt").doesNotContain("1.0 enable");
    }

    @Test
    void workThatFailedMayBeDoneByABetterVersion() {
        traits = oneShot();
        health = entry -> says(StatusWord.ERROR);
        want("job", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        health = entry -> says(StatusWord.SUCCESS);
        update("job");
        assertThat(steps).contains("2.0 enable");
        assertThat(state("job")).isEqualTo(InstallationState.READY);
    }

    @Test
    void newSettingsAreNewWork() {
        traits = oneShot();
        install("job");
        want("job", "1.0", V1, 1, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).containsExactly("settings 1", "1.0 enable");
    }

    @Test
    void whatTheOwnerTakesAwayStaysAwayUntilSomebodyWantsSomethingNew() {
        install("fw");
        fails = step -> step.equals("1.0 disable");
        mode = TrustMode.OBSERVE; // the owner's own word needs no permission
        entries.put("fw", InstallationMachine.forceRemove(entry("fw"), now));
        converge();
        assertThat(steps).containsExactly("1.0 disable", "1.0 uninstall", "remove 1.0", "remove");
        assertThat(state("fw")).isEqualTo(InstallationState.REMOVED);
        assertThat(cause("fw").kind()).isEqualTo(CauseClass.CANCELLED);
        assertThat(cause("fw").message()).contains("by the machine's owner");
        assertThat(cause("fw").evidence()).containsKey("ignored");
        mode = TrustMode.FULL;
        push();
        converge();
        reboot("boot-2");
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.REMOVED);
        assertThat(InstallationMachine.forceRemove(entry("fw"), now)).isEqualTo(entry("fw"));
        order("fw", 1, Order.Kind.RETRY);
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
        entries.put("fw", InstallationMachine.forceRemove(entry("fw"), now));
        converge();
        want("fw", "1.0", V1, 1, Presence.PRESENT);
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void theOwnerTakesAwayWhatNoGoalNamesAndWhatIsInTheMiddleOfAStep() {
        hangs = step -> step.equals("fw 1.0 enable");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        wanted.clear();
        push();
        entries.put("fw", InstallationMachine.forceRemove(entry("fw"), now));
        endStoppedSteps();
        converge();
        assertThat(steps).endsWith("1.0 enable", "1.0 uninstall", "remove 1.0", "remove");
        assertThat(entries).isEmpty();
    }

    @Test
    void aHeldVersionIsReleasedByOrderByTimeAndByAnotherDigest() {
        install("fw");
        fails = step -> step.equals("2.0 enable");
        update("fw");
        assertThat(state("fw")).isEqualTo(InstallationState.RETURNED);
        var attempted = Objects.requireNonNull(status("fw").detail().attempted());
        assertThat(attempted.version()).isEqualTo("2.0");
        assertThat(attempted.heldUntil()).isEqualTo(now.plus(Duration.ofHours(24)));
        steps.clear();
        push();
        pass(Duration.ofHours(23));
        converge();
        assertThat(steps).isEmpty();
        pass(Duration.ofHours(1));
        converge();
        assertThat(steps).as("tried again by itself").contains("2.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.RETURNED);
        steps.clear();
        order("fw", 1, Order.Kind.RELEASE);
        converge();
        assertThat(steps).contains("2.0 enable");
        steps.clear();
        want("fw", "3.0", V3, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).contains("3.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
        assertThat(status("fw").detail().attempted()).isNull();
    }

    @Test
    void newSettingsGoToTheVersionThatRunsWhileTheOtherIsHeld() {
        install("fw");
        fails = step -> step.equals("2.0 enable");
        update("fw");
        steps.clear();
        want("fw", "2.0", V2, 1, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).containsExactly("settings 1", "1.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.RETURNED);
        Deployed current = entry("fw").get(Slot.CURRENT);
        assertThat(current.enabledSequence()).isEqualTo(1);
        assertThat(status("fw").detail().attempted()).isNotNull();
    }

    @Test
    void newSettingsThatFailWhileAVersionIsHeldAreNotTakenForItsFailure() {
        install("fw");
        fails = step -> step.equals("2.0 enable");
        update("fw");
        var held = Objects.requireNonNull(status("fw").detail().attempted());
        fails = step -> step.endsWith("enable");
        want("fw", "2.0", V2, 1, Presence.PRESENT);
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
        assertThat(status("fw").detail().attempted())
                .as("what was tried, why it failed and until when it is held")
                .isEqualTo(held);
        fails = step -> false;
        order("fw", 1, Order.Kind.RELEASE);
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
        assertThat(steps).endsWith("2.0 install", "2.0 enable");
    }

    @Test
    void aStepThatDoesNotEndIsStoppedWithTheTimeout() {
        hangs = step -> step.equals("fw unpack 1.0");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        entries.put("fw", InstallationMachine.overdue(entry("fw"), now));
        endStoppedSteps();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.TIMED_OUT);
        assertThat(cause("fw").kind()).isEqualTo(CauseClass.TIMEOUT);
    }
}
