package dev.vmext.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.host.LockHolder;
import dev.vmext.agent.journal.Traits;
import dev.vmext.agent.run.HealthReading;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.packageformat.manifest.Reboot;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.StatusWord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The machine as something that installations share: its package manager and its restart. */
class HostTest extends PaperMachine {
    private static final LockHolder APT = new LockHolder(123, "apt-get upgrade", "/var/lib/dpkg/lock-frontend");

    private static Traits needing(List<Lease> leases, Reboot reboot, boolean oneShot) {
        return new Traits(
                oneShot,
                true,
                false,
                1,
                Duration.ofSeconds(10),
                Duration.ofMinutes(5),
                false,
                Duration.ZERO,
                reboot,
                leases,
                List.of(),
                List.of());
    }

    private static final Traits LEASE = needing(List.of(Lease.PACKAGE_MANAGER), Reboot.NEVER, false);

    @Test
    void waitsForAStrangerAndNamesHim() {
        traits = LEASE;
        held.put(Lease.PACKAGE_MANAGER, List.of(APT));
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).endsWith("settings 0");
        assertThat(state("fw")).isEqualTo(InstallationState.WAITING_LEASE);
        assertThat(cause("fw").kind()).isEqualTo(CauseClass.LOCK);
        assertThat(cause("fw").message())
                .contains("process 123 (apt-get upgrade)")
                .contains("/var/lib/dpkg/lock-frontend");
        assertThat(cause("fw").evidence()).containsEntry("pid", "123");
        held.clear();
        lookAtLocks();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void theOperationsDeadlineEndsTheWaitingWithHisName() {
        traits = LEASE;
        held.put(Lease.PACKAGE_MANAGER, List.of(APT));
        terms.put("fw", new Terms(null, Map.of("wait", Duration.ofMinutes(10)), List.of()));
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        pass(Duration.ofMinutes(10));
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.TIMED_OUT);
        assertThat(cause("fw").message()).contains("apt-get upgrade");
        held.clear();
        lookAtLocks();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void allWaitingOfOneOperationCountsTogether() {
        traits = LEASE;
        held.put(Lease.PACKAGE_MANAGER, List.of(APT));
        want("fw", "1.0", V1, 0, Presence.PRESENT, "other");
        push();
        converge();
        pass(Duration.ofMinutes(60));
        want("other", "2.0", V2, 0, Presence.PRESENT);
        traitsOf.put("other", PLAIN);
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.WAITING_LEASE);
        pass(Duration.ofMinutes(30));
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.TIMED_OUT);
    }

    @Test
    void ourOwnTakeTurns() {
        traits = LEASE;
        hangs = step -> step.endsWith("1.0 install");
        want("a", "1.0", V1, 0, Presence.PRESENT);
        want("b", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).contains("1.0 install").doesNotContain("2.0 install");
        assertThat(cause("b").message()).contains("the package manager is used by installation a");
        hangs = step -> false;
        finish("a");
        converge();
        assertThat(state("a")).isEqualTo(InstallationState.READY);
        assertThat(state("b")).isEqualTo(InstallationState.READY);
    }

    @Test
    void whatWasSeenLongAgoIsLookedAtAgain() {
        traits = LEASE;
        lookAtLocks();
        held.put(Lease.PACKAGE_MANAGER, List.of(APT));
        pass(Duration.ofSeconds(3));
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).doesNotContain("1.0 install");
    }

    @Test
    void whatIsTakenAwayByForceDoesNotWaitForStrangersForLong() {
        traits = LEASE;
        install("fw");
        held.put(Lease.PACKAGE_MANAGER, List.of(APT));
        lookAtLocks();
        entries.put("fw", InstallationMachine.forceRemove(entry("fw"), now));
        converge();
        assertThat(steps).isEmpty();
        pass(Duration.ofMinutes(1));
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.REMOVED);
    }

    @Test
    void aRestartThatAPackageNeedsIsDoneOnceAndWorkGoesOnAtTheNextStep() {
        traits = needing(List.of(), Reboot.REQUIRED, false);
        want("a", "1.0", V1, 0, Presence.PRESENT);
        want("b", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).contains("1.0 install", "2.0 install").doesNotContain("1.0 enable");
        assertThat(restarts).hasSize(1);
        assertThat(restarts.getFirst()).contains("a: ").contains("b: ");
        assertThat(state("a")).isEqualTo(InstallationState.BLOCKED);
        assertThat(cause("a").kind()).isEqualTo(CauseClass.REBOOT_PENDING);
        reboot("boot-2");
        converge();
        assertThat(state("a")).isEqualTo(InstallationState.READY);
        assertThat(state("b")).isEqualTo(InstallationState.READY);
        assertThat(restarts).hasSize(1);
    }

    @Test
    void itWaitsUntilNothingElseIsUnderWay() {
        traitsOf.put("a", needing(List.of(), Reboot.REQUIRED, false));
        hangs = step -> step.equals("b 2.0 install");
        want("a", "1.0", V1, 0, Presence.PRESENT);
        want("b", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(restarts).isEmpty();
        health = entry -> says(StatusWord.TRANSITIONING);
        finish("b");
        converge();
        assertThat(restarts).as("a handler still works").isEmpty();
        health = entry -> says(StatusWord.SUCCESS);
        converge();
        assertThat(restarts).hasSize(1);
    }

    @Test
    void itWaitsForAStrangerWhoWorksWithPackagesThoughNobodyElseWantsThem() {
        traits = needing(List.of(), Reboot.REQUIRED, false);
        held.put(Lease.PACKAGE_MANAGER, List.of(APT));
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(restarts).isEmpty();
        assertThat(state("fw")).isEqualTo(InstallationState.BLOCKED);
        assertThat(cause("fw").kind()).isEqualTo(CauseClass.REBOOT_PENDING);
        assertThat(cause("fw").message())
                .contains("it comes when process 123 (apt-get upgrade) is done with the package manager");
        assertThat(cause("fw").evidence()).containsEntry("pid", "123");
        pass(Duration.ofMinutes(90));
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.TIMED_OUT);
        assertThat(cause("fw").message()).contains("apt-get upgrade");
        held.clear();
        pass(Duration.ofSeconds(5));
        converge();
        assertThat(restarts).hasSize(1);
    }

    @Test
    void whatIsCancelledDoesNotRestartTheMachineAnyMore() {
        traits = needing(List.of(), Reboot.REQUIRED, false);
        held.put(Lease.PACKAGE_MANAGER, List.of(APT));
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        order("fw", 1, Order.Kind.CANCEL);
        held.clear();
        pass(Duration.ofSeconds(5));
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
        assertThat(cause("fw").kind()).isEqualTo(CauseClass.CANCELLED);
        assertThat(restarts).isEmpty();
        order("fw", 2, Order.Kind.RETRY);
        converge();
        assertThat(restarts).as("asked for again").hasSize(1);
        reboot("boot-2");
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void aHandlerThatAsksEachTimeDoesNotRestartTheMachineForEver() {
        traits = needing(List.of(), Reboot.POSSIBLE, false);
        asksForRestart.put("fw enable", "a new kernel module");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(restarts).containsExactly("fw: a new kernel module");
        for (int i = 2; i < 5; i++) {
            reboot("boot-" + i);
            converge();
        }
        assertThat(restarts).hasSize(1);
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void whatRunsOnForAHandlerMayAskTooOnceADay() {
        traits = needing(List.of(), Reboot.POSSIBLE, false);
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(restarts).isEmpty();
        health = entry -> asking("a new kernel");
        converge();
        assertThat(restarts).containsExactly("fw: a new kernel");
        assertThat(state("fw")).isEqualTo(InstallationState.BLOCKED);
        assertThat(cause("fw").kind()).isEqualTo(CauseClass.REBOOT_PENDING);
        reboot("boot-2");
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
        assertThat(restarts).as("it asks again at once and is not heard").hasSize(1);
        pass(Duration.ofDays(1));
        converge();
        assertThat(restarts).hasSize(2);
    }

    @Test
    void whatRunsOnIsNotHeardWhenThePackageMayNotAsk() {
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        health = entry -> asking("because");
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
        assertThat(restarts).isEmpty();
    }

    private static HealthReading asking(String why) {
        HealthReading fine = says(StatusWord.SUCCESS);
        return new HealthReading(fine.status(), fine.malformed(), fine.probe(), fine.probesDecided(), why);
    }

    @Test
    void whoMayNotAskIsNotHeard() {
        asksForRestart.put("fw enable", "because");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(restarts).isEmpty();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void anOwnerWhoForbidsItIsAskedToDoItHimself() {
        mayRestart = false;
        traits = needing(List.of(), Reboot.REQUIRED, false);
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(restarts).isEmpty();
        assertThat(cause("fw").message()).contains("the owner of this machine lets the agent not do it");
        pass(Duration.ofMinutes(90));
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.TIMED_OUT);
        assertThat(cause("fw").kind()).isEqualTo(CauseClass.REBOOT_PENDING);
        reboot("boot-2");
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void aMachineThatDoesNotGoDownIsNotAskedAgain() {
        traits = needing(List.of(), Reboot.REQUIRED, false);
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        pass(Duration.ofMinutes(90));
        converge();
        assertThat(restarts).hasSize(1);
        assertThat(state("fw")).isEqualTo(InstallationState.TIMED_OUT);
        assertThat(cause("fw").message()).contains("did not go down");
    }
}
