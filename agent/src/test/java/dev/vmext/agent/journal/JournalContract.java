package dev.vmext.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every {@link Journal} keeps; one subclass per implementation. */
abstract class JournalContract {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /** The journal as the next agent finds it; the first time a new one. */
    abstract Journal open();

    private static InstallationGoal goal(String name, long sequence) {
        return new InstallationGoal(
                name, "acme.Fw", "1.0", Digest.of(new byte[] {1}), Presence.PRESENT, sequence, List.of(), "{}", null);
    }

    private static Entry entry(String name, long sequence) {
        return InstallationMachine.wanted(goal(name, sequence), 7, NOW);
    }

    private static GoalOffer offer(long generation) {
        return GoalStateCodec.encode(new GoalState(generation, List.of(goal("fw", 1)), Map.of()));
    }

    @Test
    void aNewOneIsEmpty() {
        try (Journal journal = open()) {
            assertThat(journal.entries()).isEmpty();
            assertThat(journal.goal()).isEmpty();
        }
    }

    @Test
    void theNextAgentFindsWhatTheOneBeforeLeft() {
        try (Journal journal = open()) {
            journal.put(entry("fw", 0));
            journal.put(entry("av", 3));
        }
        try (Journal journal = open()) {
            assertThat(journal.entries())
                    .containsOnly(Map.entry("fw", entry("fw", 0)), Map.entry("av", entry("av", 3)));
        }
    }

    @Test
    void theLatestEntryCountsAndARemovedOneIsGone() {
        try (Journal journal = open()) {
            journal.put(entry("fw", 0));
            journal.put(entry("fw", 1));
            journal.put(entry("av", 0));
            journal.remove("av");
            journal.remove("never-there");
            assertThat(journal.entries()).containsExactly(Map.entry("fw", entry("fw", 1)));
        }
        try (Journal journal = open()) {
            assertThat(journal.entries()).containsExactly(Map.entry("fw", entry("fw", 1)));
        }
    }

    @Test
    void theLatestGoalCounts() {
        try (Journal journal = open()) {
            journal.goal(offer(7));
            journal.goal(offer(8));
            assertThat(journal.goal()).contains(offer(8));
        }
        try (Journal journal = open()) {
            assertThat(journal.goal()).contains(offer(8));
        }
    }

    @Test
    void entriesThatWereHandedOutDoNotChangeLater() {
        try (Journal journal = open()) {
            journal.put(entry("fw", 0));
            Map<String, Entry> before = journal.entries();
            journal.put(entry("fw", 1));
            journal.remove("fw");
            assertThat(before).containsExactly(Map.entry("fw", entry("fw", 0)));
        }
    }
}
