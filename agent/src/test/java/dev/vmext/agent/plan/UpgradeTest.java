package dev.vmext.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Traits;
import dev.vmext.agent.run.HealthReading;
import dev.vmext.packageformat.manifest.Reboot;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.StatusWord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A new version proves itself before the old one is given up. */
class UpgradeTest extends PaperMachine {
    private static Traits proving(boolean sideBySide) {
        return new Traits(
                false,
                true,
                false,
                1,
                Duration.ofSeconds(10),
                Duration.ofMinutes(5),
                sideBySide,
                Duration.ofSeconds(30),
                Reboot.NEVER,
                List.of(),
                List.of(),
                List.of());
    }

    private static HealthReading unhealthy() {
        return new HealthReading(
                new HandlerStatus("Enable", StatusWord.SUCCESS, "0", "fine", List.of()),
                null,
                new Cause(CauseClass.PROBE, "probe", "nobody listens at port 80", "", Map.of()),
                true);
    }

    @BeforeEach
    void provingPackages() {
        traits = proving(false);
    }

    @Test
    void aFirstInstallationHasNothingToProve() {
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void theNewVersionIsReadyOnlyAfterItWasHealthyForItsTime() {
        install("fw");
        update("fw");
        assertThat(state("fw")).isEqualTo(InstallationState.UPDATING);
        assertThat(entry("fw").previous()).isNotNull();
        pass(Duration.ofSeconds(29));
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.UPDATING);
        pass(Duration.ofSeconds(1));
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
        assertThat(status("fw").healthy()).isTrue();
        assertThat(entry("fw").previous()).isNull();
    }

    @Test
    void oneThatBecomesUnhealthyInItsTimeGoesBackAndIsHeld() {
        install("fw");
        update("fw");
        pass(Duration.ofSeconds(20));
        health =
                entry -> entry.get(entry.activeSlot()).version().equals("2.0") ? unhealthy() : says(StatusWord.SUCCESS);
        converge();
        assertThat(steps).endsWith("1.0 install", "1.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.RETURNED);
        assertThat(cause("fw").message()).contains("port 80");
        assertThat(entry("fw").memory().hold()).isNotNull();
    }

    @Test
    void itsTimeBeginsAnewWhenItsHandlerIsAtWorkAgain() {
        install("fw");
        update("fw");
        pass(Duration.ofSeconds(20));
        health = entry -> says(StatusWord.TRANSITIONING);
        converge();
        health = entry -> says(StatusWord.SUCCESS);
        converge();
        pass(Duration.ofSeconds(20));
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.UPDATING);
        pass(Duration.ofSeconds(10));
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void sideBySideTheOldOneStaysEnabledUntilTheNewOneProvedItself() {
        install("fw");
        traits = proving(true);
        update("fw");
        assertThat(steps)
                .containsExactly(
                        "fetch",
                        "unpack 2.0",
                        "settings 0",
                        "keep",
                        "copy-state",
                        "2.0 update",
                        "2.0 install",
                        "2.0 enable");
        assertThat(entry("fw").get(Slot.CURRENT).enabled()).isTrue();
        assertThat(state("fw")).isEqualTo(InstallationState.UPDATING);
        steps.clear();
        pass(Duration.ofSeconds(30));
        fails = step -> step.equals("1.0 disable"); // the end of the old one must not hurt the new one
        converge();
        assertThat(steps).containsExactly("1.0 disable", "1.0 uninstall", "remove 1.0");
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
        assertThat(entry("fw").get(Slot.CURRENT).version()).isEqualTo("2.0");
        assertThat(entry("fw").next()).isNull();
    }

    @Test
    void sideBySideAFailureTakesOnlyTheNewOneAway() {
        install("fw");
        traits = proving(true);
        update("fw");
        steps.clear();
        health =
                entry -> entry.get(entry.activeSlot()).version().equals("2.0") ? unhealthy() : says(StatusWord.SUCCESS);
        converge();
        assertThat(steps).containsExactly("2.0 disable", "2.0 uninstall", "remove 2.0");
        assertThat(state("fw")).isEqualTo(InstallationState.RETURNED);
        assertThat(entry("fw").get(Slot.CURRENT).enabled()).isTrue();
    }

    @Test
    void anUpdateThatNeverTouchedTheOldOneIsNotHeldButToldOf() {
        install("fw");
        fails = step -> step.equals("fetch");
        update("fw");
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
        var attempted = Objects.requireNonNull(status("fw").detail().attempted());
        assertThat(attempted.version()).isEqualTo("2.0");
        assertThat(attempted.heldUntil()).isNull();
    }
}
