package dev.vmext.agent.journal;

import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A program that writes a journal on a small file system that somebody else fills, and says what came of it. */
final class OnFullDisk {
    private final Path folder;
    private final Path filler;
    private int pauses;

    private OnFullDisk(Path disk) {
        this.folder = disk.resolve("journal");
        this.filler = disk.resolve("filler");
    }

    public static void main(String[] arguments) throws Exception {
        new OnFullDisk(Path.of(arguments[0])).run();
    }

    private void run() throws IOException {
        FileJournal journal = new FileJournal(folder, this::pause);
        journal.put(entry("before", 1));
        fill();
        for (int i = 0; i < 20; i++) {
            journal.put(entry("kept", i));
        }
        say("pauses while there is a reserve: " + pauses);
        fill();
        journal.put(entry("waited", 1));
        say("pauses without one: " + pauses);
        fill();
        journal.close();
        byte[] log = Files.readAllBytes(folder.resolve("journal.log"));
        FileJournal again = new FileJournal(folder, this::pause);
        say("opened on a full disk: " + told(again));
        say("left as it was: " + java.util.Arrays.equals(log, Files.readAllBytes(folder.resolve("journal.log"))));
        pauses = 0;
        for (int i = 0; i < 20; i++) {
            again.put(entry("after", i));
        }
        say("pauses after that: " + pauses);
        again.close();
        Files.deleteIfExists(filler);
        try (FileJournal last = new FileJournal(folder)) {
            say("in the end: " + told(last));
        }
    }

    /** The third time there is room. */
    private void pause() {
        pauses++;
        if (pauses == 3) {
            try {
                Files.delete(filler);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private static String told(FileJournal journal) {
        List<String> told = journal.entries().values().stream()
                .map(entry -> entry.name() + " " + entry.target().sequence())
                .sorted()
                .toList();
        return String.join(", ", told);
    }

    private static void say(String line) {
        System.out.println(line);
    }

    /** Until not one byte more has room. */
    private void fill() throws IOException {
        try (FileChannel out = FileChannel.open(
                filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE)) {
            for (int size = 1 << 16; size > 0; size /= 2) {
                try {
                    while (true) {
                        out.write(ByteBuffer.allocate(size));
                    }
                } catch (IOException full) {
                    // smaller pieces may still find room
                }
            }
        }
    }

    /** Large enough that each needs room of its own. */
    private static Entry entry(String name, long sequence) {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        Entry entry = InstallationMachine.wanted(
                new InstallationGoal(
                        name,
                        "acme.Fw",
                        "1.0",
                        Digest.of(new byte[] {1}),
                        Presence.PRESENT,
                        sequence,
                        List.of(),
                        "{}",
                        null),
                7,
                now);
        Cause cause = new Cause(CauseClass.DISK, "install", "x".repeat(8000), "", Map.of());
        return InstallationMachine.giveUp(entry, entry.status().state(), cause, now);
    }
}
