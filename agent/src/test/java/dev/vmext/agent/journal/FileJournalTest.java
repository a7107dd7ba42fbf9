package dev.vmext.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.packageformat.manifest.ExtensionName;
import dev.vmext.packageformat.manifest.ExtensionReference;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.packageformat.manifest.Reboot;
import dev.vmext.packageformat.manifest.VersionConstraint;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileJournalTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Digest DIGEST = Digest.of(new byte[] {1});

    @TempDir
    Path folder;

    private static InstallationGoal goal(String name, long sequence) {
        return new InstallationGoal(name, "acme.Fw", "1.0", DIGEST, Presence.PRESENT, sequence, List.of(), "{}", null);
    }

    private static Entry entry(String name, long sequence) {
        return InstallationMachine.wanted(goal(name, sequence), 7, NOW);
    }

    /** An entry in which nothing is empty. */
    private static Entry full() {
        Deployed deployed = new Deployed(
                "1.0",
                DIGEST,
                new Traits(
                        true,
                        false,
                        true,
                        3,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(50),
                        true,
                        Duration.ofSeconds(30),
                        Reboot.REQUIRED,
                        List.of(Lease.PACKAGE_MANAGER),
                        List.of(new ExtensionReference(ExtensionName.of("acme.Base"), VersionConstraint.of("1.2"))),
                        List.of(new ExtensionReference(ExtensionName.of("acme.Other"), VersionConstraint.ANY))),
                true,
                true,
                true,
                true,
                4,
                3,
                "boot",
                "1",
                "2");
        Cause cause = new Cause(CauseClass.DISK, "unpack", "no space", "make some", Map.of("path", "/x"));
        Entry fresh = entry("fw", 4);
        return new Entry(
                "fw",
                "acme.Fw",
                fresh.target(),
                deployed,
                deployed.withDisabled(),
                new Previous("0.9", DIGEST, 2),
                cause,
                new Failure(InstallationState.TIMED_OUT, cause, NOW),
                new Intent(
                        new Step.Run(Slot.NEXT, HandlerCommand.UPDATE, Slot.CURRENT),
                        "fw-1",
                        NOW,
                        NOW.plusSeconds(9),
                        "boot",
                        fresh.target(),
                        cause),
                NOW,
                new Memory(
                        "1.0",
                        NOW,
                        7,
                        4,
                        3,
                        new Hold("1.1", DIGEST, cause, NOW.plusSeconds(5)),
                        new Purge(true, List.of("disable: it failed")),
                        true,
                        new Trial(NOW.plusSeconds(9), true),
                        new RebootRequest("work", "a kernel", "boot", NOW),
                        "older work"),
                fresh.status());
    }

    private FileJournal open() {
        return new FileJournal(folder);
    }

    private Path log() {
        return folder.resolve("journal.log");
    }

    @Test
    void remembersEverythingOfAnEntry() {
        try (FileJournal journal = open()) {
            journal.put(full());
        }
        try (FileJournal journal = open()) {
            assertThat(journal.entries()).containsExactly(Map.entry("fw", full()));
        }
    }

    @Test
    void remembersEveryKindOfStep() {
        List<Step> steps = List.of(
                new Step.Fetch(DIGEST),
                new Step.Unpack(DIGEST, "1.0"),
                new Step.WriteSettings(Slot.NEXT, 3),
                new Step.KeepOld(),
                new Step.CopyState(),
                new Step.RestoreOld(),
                new Step.Adopt(Slot.NEXT),
                new Step.Remove(Slot.CURRENT),
                new Step.Forget());
        for (Step step : steps) {
            Entry entry = entry("fw", 0);
            Entry begun = entry.change()
                    .intent(new Intent(step, "r", NOW, NOW, "boot", entry.target()))
                    .done();
            assertThat(EntryCodec.decode(EntryCodec.encode(begun))).isEqualTo(begun);
        }
    }

    @Test
    void theLatestEntryCountsAndARemovedOneIsGone() {
        try (FileJournal journal = open()) {
            journal.put(entry("fw", 0));
            journal.put(entry("fw", 1));
            journal.put(entry("av", 0));
            journal.remove("av");
        }
        try (FileJournal journal = open()) {
            assertThat(journal.entries()).containsExactly(Map.entry("fw", entry("fw", 1)));
        }
    }

    @Test
    void dropsALineThatWasBeingWrittenWhenTheMachineWentDown() throws IOException {
        try (FileJournal journal = open()) {
            journal.put(entry("fw", 0));
            journal.put(entry("fw", 1));
        }
        byte[] whole = Files.readAllBytes(log());
        int lineStart = new String(whole, StandardCharsets.ISO_8859_1).lastIndexOf('\n', whole.length - 2) + 1;
        for (int length = lineStart; length < whole.length; length += 7) {
            Files.write(log(), Arrays.copyOf(whole, length));
            try (FileJournal journal = open()) {
                assertThat(journal.entries()).containsExactly(Map.entry("fw", entry("fw", 0)));
            }
        }
    }

    @Test
    void aDamagedLineDoesNotTakeTheOthersWithIt() throws IOException {
        try (FileJournal journal = open()) {
            journal.put(entry("fw", 0));
            journal.put(entry("av", 0));
        }
        List<String> lines = Files.readAllLines(log());
        lines.set(1, lines.get(1).replace("acme", "acmf"));
        Files.write(log(), lines);
        try (FileJournal journal = open()) {
            assertThat(journal.entries()).containsOnlyKeys("av");
        }
    }

    @Test
    void refusesAJournalOfANewerAgent() throws IOException {
        open().close();
        String newer = "version 3";
        CRC32 sum = new CRC32();
        sum.update(newer.getBytes(StandardCharsets.UTF_8));
        Files.writeString(
                log(), String.format("%08x %s%n", sum.getValue(), newer), StandardOpenOption.TRUNCATE_EXISTING);
        assertThatThrownBy(this::open)
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("it has format 3, this agent knows up to 2");
    }

    @Test
    void staysSmallHoweverOftenItIsWritten() throws IOException {
        try (FileJournal journal = open()) {
            for (int i = 0; i < 800; i++) {
                journal.put(entry("fw", i));
            }
        }
        assertThat(Files.size(log())).isLessThan(300_000);
        try (FileJournal journal = open()) {
            assertThat(journal.entries()).containsExactly(Map.entry("fw", entry("fw", 799)));
        }
    }

    @Test
    void remembersTheGoal() {
        GoalState goal = new GoalState(7, List.of(goal("fw", 1)), Map.of());
        try (FileJournal journal = open()) {
            journal.goal(GoalStateCodec.encode(goal));
        }
        try (FileJournal journal = open()) {
            assertThat(journal.goal())
                    .get()
                    .satisfies(
                            offer -> assertThat(GoalStateCodec.decode(offer.remoteConfig(), offer.packagesAvailable()))
                                    .isEqualTo(goal));
        }
    }

    @Test
    void aDamagedGoalIsAskedForAgain() throws IOException {
        try (FileJournal journal = open()) {
            journal.goal(GoalStateCodec.encode(new GoalState(7, List.of(goal("fw", 1)), Map.of())));
        }
        byte[] bytes = Files.readAllBytes(folder.resolve("goal.bin"));
        bytes[bytes.length - 1] ^= 1;
        Files.write(folder.resolve("goal.bin"), bytes);
        try (FileJournal journal = open()) {
            assertThat(journal.goal()).isEmpty();
        }
    }
}
