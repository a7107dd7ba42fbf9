package dev.vmext.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One line of {@code /proc/<pid>/stat}: all that tells one process from another one that got the same number later.
 *
 * @param state the kernel's letter; Z and X are dead
 * @param parent the process that started it, or the one that took it over
 * @param session the process id of the session's first process
 * @param startTime in clock ticks since boot
 */
public record ProcStat(long pid, char state, long parent, long session, long startTime) {
    static final Path PROC = Path.of("/proc");

    /** Whether it only waits to be buried. */
    public boolean dead() {
        return state == 'Z' || state == 'X';
    }

    static Optional<ProcStat> of(long pid) {
        return of(PROC, pid);
    }

    /** What this process file system says of a process; empty when there is none. */
    public static Optional<ProcStat> of(Path proc, long pid) {
        try {
            return parse(Files.readString(proc.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** The kernel's name of a process, without its arguments, which may hold secrets. */
    static String name(long pid) {
        try {
            return Files.readString(PROC.resolve(pid + "/comm"), StandardCharsets.UTF_8)
                    .strip();
        } catch (IOException gone) {
            return "?";
        }
    }

    /** The name in field 2 may hold anything, brackets and spaces too; fields are counted after its last bracket. */
    static Optional<ProcStat> parse(String line) {
        int open = line.indexOf(' ');
        int close = line.lastIndexOf(')');
        if (open < 1 || close < 0) {
            return Optional.empty();
        }
        String[] fields = line.substring(close + 1).strip().split(" ", -1);
        if (fields.length < 20) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ProcStat(
                    Long.parseLong(line.substring(0, open)),
                    fields[0].charAt(0),
                    Long.parseLong(fields[1]),
                    Long.parseLong(fields[3]),
                    Long.parseLong(fields[19])));
        } catch (NumberFormatException notAStatLine) {
            return Optional.empty();
        }
    }

    /** All processes that are alive and belong to this session, which began at this start time. */
    static List<ProcStat> session(long session, long startedAt) throws IOException {
        List<ProcStat> members = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, ProcStat::isPid)) {
            for (Path entry : entries) {
                Optional<ProcStat> found = of(Long.parseLong(entry.getFileName().toString()));
                if (found.isPresent()
                        && found.get().session == session
                        && found.get().startTime >= startedAt
                        && !found.get().dead()) {
                    members.add(found.get());
                }
            }
        }
        return members;
    }

    /** Whether an entry of the process file system is a process. */
    public static boolean isPid(Path entry) {
        String name = entry.getFileName().toString();
        return !name.isEmpty() && name.charAt(0) >= '1' && name.charAt(0) <= '9';
    }
}
