package dev.vmext.agent.doctor;

import dev.vmext.agent.config.Folders;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.control.ControlSocket;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.FileJournal;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32;

/** The running agent, its journal, what it says of each installation, and processes that nobody looks after. */
final class Installations {
    private static final long MAX_JOURNAL = 64L << 20;

    private final Places places;
    private final boolean root;

    Installations(Places places, boolean root) {
        this.places = places;
        this.root = root;
    }

    List<Finding> examine() {
        if (!root) {
            return List.of(Finding.unseen("installations", "only root can see them", ""));
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(running());
        findings.addAll(journal());
        findings.addAll(leftovers());
        return findings;
    }

    private Finding running() {
        try {
            String status = ControlSocket.ask(places.socket(), "status");
            String connection = status.lines()
                    .filter(line -> line.startsWith("connection"))
                    .map(line -> line.substring("connection".length()).strip())
                    .findFirst()
                    .orElse("does not say");
            return connection.startsWith("connected")
                    ? Finding.ok("agent", "runs, " + connection)
                    : Finding.fail(
                            "agent",
                            CauseClass.NETWORK,
                            "runs, " + connection,
                            "see the checks of the gateway above, and the agent's log " + places.log());
        } catch (IOException nobody) {
            return Finding.fail(
                    "agent",
                    CauseClass.AGENT,
                    "nothing answers at " + places.socket() + ": the agent does not run",
                    "systemctl status vmext-agent; journalctl -u vmext-agent; the agent's log is " + places.log());
        }
    }

    private List<Finding> journal() {
        Path log = places.journal().resolve("journal.log");
        if (!Files.exists(log)) {
            return List.of(Finding.ok("journal", "there is none yet"));
        }
        List<Finding> findings = new ArrayList<>();
        try {
            int damaged = damagedLines(log);
            findings.add(
                    damaged == 0
                            ? Finding.ok("journal", log + ", " + Files.size(log) + " bytes")
                            : Finding.fail(
                                    "journal",
                                    CauseClass.DISK,
                                    log + " has " + damaged + " damaged line(s); what they said is lost",
                                    "look at the health of the disk (dmesg); the agent goes on with the rest"));
            for (Entry entry : entries(places)) {
                findings.add(installation(entry));
            }
        } catch (ProblemException tooNew) {
            findings.add(Finding.fail("journal", CauseClass.AGENT, tooNew.detail(), tooNew.hint()));
        } catch (IOException | RuntimeException unreadable) {
            findings.add(Finding.fail(
                    "journal",
                    CauseClass.DISK,
                    log + " cannot be read: " + Doctor.text(unreadable),
                    "look at the health of the disk (dmesg)"));
        }
        return findings;
    }

    private static Finding installation(Entry entry) {
        InstallationStatus status = entry.status();
        Cause cause = status.cause();
        String words =
                entry.name() + " " + entry.extension() + " " + (status.version() == null ? "" : status.version() + " ")
                        + status.state().wire();
        if (cause == null) {
            return Finding.ok("installation", words + (status.healthy() ? ", healthy" : ""));
        }
        String why = words + ": " + cause.message();
        return status.state().terminal()
                ? Finding.fail("installation", cause.kind(), why, cause.hint())
                : Finding.warn("installation", cause.kind(), why, cause.hint());
    }

    /** From a copy, because opening a journal tidies it, and a running agent owns it. */
    static Collection<Entry> entries(Places places) throws IOException {
        Path copy = Files.createTempDirectory("vmext-doctor");
        try {
            for (String name : List.of("journal.log", "goal.bin")) {
                Path file = places.journal().resolve(name);
                if (Files.exists(file) && Files.size(file) <= MAX_JOURNAL) {
                    Files.copy(file, copy.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            try (FileJournal journal = new FileJournal(copy)) {
                return journal.entries().values().stream()
                        .sorted(Comparator.comparing(Entry::name))
                        .toList();
            }
        } finally {
            Folders.delete(copy);
        }
    }

    /** Lines whose sum is wrong, but for a last one that may just be written. */
    private static int damagedLines(Path log) throws IOException {
        if (Files.size(log) > MAX_JOURNAL) {
            throw new IOException("it is larger than " + MAX_JOURNAL + " bytes");
        }
        String text = Files.readString(log, StandardCharsets.ISO_8859_1);
        boolean whole = text.endsWith("\n");
        String[] lines = text.split("\n", -1);
        int damaged = 0;
        int last = whole ? lines.length - 1 : lines.length - 2;
        for (int i = 0; i < Math.min(last, lines.length); i++) {
            String line = lines[i];
            int space = line.indexOf(' ');
            CRC32 sum = new CRC32();
            sum.update(line.substring(Math.max(0, space + 1)).getBytes(StandardCharsets.ISO_8859_1));
            try {
                damaged += space > 0 && Long.parseLong(line.substring(0, space), 16) == sum.getValue() ? 0 : 1;
            } catch (NumberFormatException noSum) {
                damaged++;
            }
        }
        return damaged;
    }

    /** Processes whose folder is that of a handler that was taken away. */
    private List<Finding> leftovers() {
        List<Finding> findings = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    String folder =
                            Files.readSymbolicLink(process.resolve("cwd")).toString();
                    if (folder.startsWith(places.handlers() + "/") && folder.endsWith(" (deleted)")) {
                        String name = Files.readString(process.resolve("comm"), StandardCharsets.UTF_8)
                                .strip();
                        findings.add(Finding.warn(
                                "leftover",
                                CauseClass.HANDLER_EXIT,
                                "process " + process.getFileName() + " (" + name
                                        + ") runs in the folder of a version that is gone, " + folder,
                                "end it, and tell the publisher that uninstall leaves it behind"));
                    }
                } catch (IOException ended) {
                    // it ended, or is a thread of the kernel
                }
            }
        } catch (IOException unreadable) {
            return List.of(Doctor.broken("leftover", unreadable));
        }
        return findings.isEmpty() ? List.of(Finding.ok("leftover", "no process of a handler that is gone")) : findings;
    }
}
