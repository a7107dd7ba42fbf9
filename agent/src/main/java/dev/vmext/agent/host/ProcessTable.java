package dev.vmext.agent.host;

import dev.vmext.agent.process.ProcStat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Command lines of processes and whom they belong to, read anew each time. No state; any thread. */
final class ProcessTable {
    private static final int MAX_COMMAND = 200;
    /** Deeper than any chain of programs that start each other; ends a walk through a table that changes meanwhile. */
    private static final int MAX_ANCESTORS = 64;

    private final Path proc;
    private final UnaryOperator<String> redact;

    ProcessTable(Path proc, UnaryOperator<String> redact) {
        this.proc = proc;
        this.redact = redact;
    }

    Path proc() {
        return proc;
    }

    Optional<ProcStat> find(long pid) {
        return ProcStat.of(proc, pid).filter(stat -> !stat.dead());
    }

    /** All processes whose words of the command line are what is looked for. */
    List<Long> running(Predicate<List<String>> wanted) throws IOException {
        List<Long> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, ProcStat::isPid)) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                List<String> words = words(pid);
                if (!words.isEmpty() && wanted.test(words) && find(pid).isPresent()) {
                    found.add(pid);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    private List<String> words(long pid) {
        try {
            String line = Files.readString(proc.resolve(pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return line.isEmpty() ? List.of() : List.of(line.split("\0", -1));
        } catch (IOException ended) {
            return List.of();
        }
    }

    /** As an operator would recognise it, without secrets, at most 200 characters; empty when it ended. */
    String command(long pid) {
        try {
            byte[] line = Files.readAllBytes(proc.resolve(pid + "/cmdline"));
            String text = redact.apply(
                    new String(line, StandardCharsets.UTF_8).replace('\0', ' ').strip());
            if (text.isEmpty()) {
                text = Files.readString(proc.resolve(pid + "/comm"), StandardCharsets.UTF_8)
                        .strip();
            }
            return text.length() > MAX_COMMAND ? text.substring(0, MAX_COMMAND) : text;
        } catch (IOException ended) {
            return "";
        }
    }

    /**
     * Whether a process was started by one of these sessions: it is in one, or somebody it descends from is. apt gives dpkg a session
     * of its own, so the session alone does not tell.
     */
    boolean belongsTo(long pid, Set<Long> sessions) {
        long one = pid;
        for (int i = 0; i < MAX_ANCESTORS && one > 1; i++) {
            Optional<ProcStat> stat = ProcStat.of(proc, one);
            if (stat.isEmpty()) {
                return false;
            }
            if (sessions.contains(stat.get().session())) {
                return true;
            }
            one = stat.get().parent();
        }
        return false;
    }
}
