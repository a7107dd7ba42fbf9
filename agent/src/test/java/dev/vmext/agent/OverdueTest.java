package dev.vmext.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverdueTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Digest DIGEST = Digest.of(new byte[] {1});

    private long nanos = Long.MAX_VALUE - 1000; // may run over, as System.nanoTime may
    private final Overdue overdue = new Overdue(() -> nanos);

    private static Entry begun() {
        InstallationGoal goal =
                new InstallationGoal("fw", "acme.Fw", "1.0", DIGEST, Presence.PRESENT, 0, List.of(), "{}", null);
        return InstallationMachine.begin(
                InstallationMachine.wanted(goal, 1, START),
                new Step.Fetch(DIGEST),
                "run",
                Duration.ofSeconds(60),
                "boot",
                START);
    }

    private void pass(int seconds) {
        nanos += Duration.ofSeconds(seconds).toNanos();
    }

    @Test
    void aStepThatDoesNotEndIsToldToStopHalfAMinuteAfterItsDeadlineAndLeftHalfAMinuteLater() {
        Entry entry = begun();
        assertThat(overdue.late(List.of(entry))).isEmpty();
        pass(89);
        assertThat(overdue.late(List.of(entry))).isEmpty();
        pass(1);
        assertThat(overdue.late(List.of(entry))).containsExactly(entry);
        Entry stopping = InstallationMachine.overdue(entry, START);
        assertThat(overdue.late(List.of(stopping))).isEmpty();
        assertThat(overdue.lost(List.of(stopping))).isEmpty();
        pass(29);
        assertThat(overdue.lost(List.of(stopping))).isEmpty();
        pass(1);
        assertThat(overdue.lost(List.of(stopping))).containsExactly(stopping);
    }

    @Test
    void whatEndedIsForgotten() {
        Entry entry = begun();
        assertThat(overdue.late(List.of(entry))).isEmpty();
        pass(200);
        assertThat(overdue.late(List.of())).isEmpty();
        assertThat(overdue.late(List.of(entry)))
                .as("another run of the same name")
                .isEmpty();
    }
}
