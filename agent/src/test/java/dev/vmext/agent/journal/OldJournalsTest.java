package dev.vmext.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.plan.Decision;
import dev.vmext.agent.plan.Observed;
import dev.vmext.agent.plan.Planner;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.InstallationState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Journals as older agents wrote them, kept byte by byte, are read and gone on with. They are never made again. */
class OldJournalsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");

    @TempDir
    Path folder;

    @BeforeEach
    void copyVersion1() throws IOException {
        for (String file : List.of("journal.log", "goal.bin")) {
            Files.copy(Path.of("src/test/resources/journal/version-1", file), folder.resolve(file));
        }
    }

    @Test
    void theFirstFormatIsReadWhole() {
        try (FileJournal journal = new FileJournal(folder)) {
            Map<String, Entry> entries = journal.entries();
            assertThat(entries)
                    .containsOnlyKeys("fresh", "ready", "installing", "updating", "returning", "failed", "again");
            assertThat(entries.values().stream().map(Entry::memory).collect(Collectors.toSet()))
                    .containsExactly(Memory.NONE);
            Entry ready = of(entries, "ready");
            assertThat(ready.status().state()).isEqualTo(InstallationState.READY);
            assertThat(ready.get(Slot.CURRENT).traits().leases()).isEmpty();
            assertThat(ready.get(Slot.CURRENT).enabledSequence()).isEqualTo(3);
            Intent intent = Objects.requireNonNull(of(entries, "installing").intent());
            assertThat(intent.step()).isEqualTo(new Step.Run(Slot.NEXT, HandlerCommand.INSTALL));
            assertThat(intent.stop()).isNull();
            assertThat(of(entries, "updating").previous()).isEqualTo(new Previous("1.0", digestOf(ready), 3));
            assertThat(of(entries, "returning").returning()).isNotNull();
            assertThat(Objects.requireNonNull(of(entries, "again").failure()).retryAt())
                    .isNotNull();
            assertThat(journal.goal())
                    .get()
                    .satisfies(
                            offer -> assertThat(GoalStateCodec.decode(offer.remoteConfig(), offer.packagesAvailable())
                                            .generation())
                                    .isEqualTo(8));
        }
    }

    private static Entry of(Map<String, Entry> entries, String name) {
        return Objects.requireNonNull(entries.get(name));
    }

    private static Digest digestOf(Entry entry) {
        return entry.get(Slot.CURRENT).digest();
    }

    @Test
    void itIsGoneOnWithWhereItStood() {
        try (FileJournal journal = new FileJournal(folder)) {
            Map<String, Entry> entries = new HashMap<>(journal.entries());
            List<InstallationGoal> wanted =
                    List.of("fresh", "ready", "updating", "returning", "failed", "again").stream()
                            .map(name -> goal(of(entries, name)))
                            .toList();
            wanted.forEach(goal ->
                    entries.computeIfPresent(goal.name(), (_, entry) -> InstallationMachine.goal(entry, goal, 9, NOW)));
            Map<String, Decision> decisions = new Planner()
                            .plan(
                                    new GoalState(9, wanted, Map.of()),
                                    entries,
                                    new Observed(
                                            NOW,
                                            "boot-1",
                                            TrustMode.FULL,
                                            Set.of(digestOf(of(entries, "ready"))),
                                            Duration.ofMinutes(90),
                                            Map.of(),
                                            10,
                                            true))
                            .stream()
                            .collect(Collectors.toMap(Decision::name, decision -> decision));
            assertThat(decisions.get("fresh")).isInstanceOf(Decision.Act.class);
            assertThat(decisions.get("ready")).isEqualTo(new Decision.Rest("ready"));
            assertThat(decisions.get("updating")).isEqualTo(new Decision.Act("updating", new Step.CopyState()));
            assertThat(decisions.get("returning")).isEqualTo(new Decision.Act("returning", new Step.Remove(Slot.NEXT)));
            assertThat(decisions.get("failed")).isEqualTo(new Decision.Rest("failed"));
            assertThat(decisions.get("again"))
                    .isEqualTo(new Decision.Act("again", new Step.Run(Slot.NEXT, HandlerCommand.INSTALL)));
        }
    }

    private static InstallationGoal goal(Entry entry) {
        return new InstallationGoal(
                entry.name(),
                entry.extension(),
                "1.0",
                entry.target().digest(),
                Presence.PRESENT,
                entry.target().sequence(),
                List.of(),
                "{}",
                null);
    }

    @Test
    void readingItRaisesItsFormatAndLosesNothing() throws IOException {
        Map<String, Entry> before;
        try (FileJournal journal = new FileJournal(folder)) {
            before = journal.entries();
        }
        assertThat(Files.readString(folder.resolve("journal.log"))).contains(" version 2\n");
        try (FileJournal journal = new FileJournal(folder)) {
            assertThat(journal.entries()).isEqualTo(before);
        }
    }
}
