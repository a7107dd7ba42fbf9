package dev.vmext.agent.host;

import dev.vmext.agent.process.ProcStat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who holds a lock on a file, read from {@code /proc/locks}: trying to lock it would take the lock away from those who want it. Sees
 * locks by fcntl and by flock, but for shared ones, which do not keep a writer of packages out for long. No state; any thread.
 */
final class KernelLocks {
    private final Path proc;
    private final List<Held> held = new ArrayList<>();

    /** One line of the table. The kernel writes the device of the file system, which on btrfs is not the file's. */
    private record Held(long pid, long major, long minor, long inode) {}

    private KernelLocks(Path proc) {
        this.proc = proc;
    }

    /** The table as it is now. */
    static KernelLocks read(Path proc) throws IOException {
        KernelLocks locks = new KernelLocks(proc);
        Path table = proc.resolve("locks");
        if (Files.exists(table)) {
            for (String line : Files.readAllLines(table, StandardCharsets.US_ASCII)) {
                locks.add(line);
            }
        }
        return locks;
    }

    /** {@code 1: POSIX  ADVISORY  WRITE 9093 fe:00:2211867 0 EOF}; who waits has an arrow after the number. */
    private void add(String line) {
        String[] words = line.strip().split("\\s+", -1);
        if (words.length < 6 || words[1].equals("->") || !words[3].equals("WRITE")) {
            return;
        }
        String[] file = words[5].split(":", -1);
        try {
            held.add(new Held(
                    Long.parseLong(words[4]),
                    Long.parseLong(file[0], 16),
                    Long.parseLong(file[1], 16),
                    Long.parseLong(file[2])));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException otherKernel) {
            // A line of another shape says nothing about a file.
        }
    }

    /** Processes that hold a lock on this file; 0 stands for one that cannot be named. Empty when nobody does. */
    Set<Long> holders(Path file) throws IOException {
        if (held.isEmpty() || !Files.isRegularFile(file)) {
            return Set.of();
        }
        long inode = ((Number) Files.getAttribute(file, "unix:ino")).longValue();
        long device = ((Number) Files.getAttribute(file, "unix:dev")).longValue();
        long major = (device >> 8 & 0xfff) | (device >> 32 & ~0xfffL);
        long minor = (device & 0xff) | (device >> 12 & ~0xffL);
        Set<Long> pids = new LinkedHashSet<>();
        for (Held lock : held) {
            if (lock.inode != inode) {
                continue;
            }
            boolean named = lock.pid > 0 && ProcStat.of(proc, lock.pid).isPresent();
            if (lock.major == major && lock.minor == minor && named) {
                pids.add(lock.pid);
                continue;
            }
            // The taker is gone and a child keeps the file open, or the lock belongs to the open file, or devices
            // differ.
            Set<Long> open = havingOpen(file);
            if (named) {
                open.retainAll(Set.of(lock.pid));
            }
            pids.addAll(open);
            if (open.isEmpty() && lock.major == major && lock.minor == minor) {
                pids.add(0L);
            }
        }
        return pids;
    }

    private Set<Long> havingOpen(Path file) throws IOException {
        Path real = file.toRealPath();
        Set<Long> pids = new LinkedHashSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, ProcStat::isPid)) {
            for (Path process : processes) {
                if (hasOpen(process, real)) {
                    pids.add(Long.parseLong(process.getFileName().toString()));
                }
            }
        }
        return pids;
    }

    private static boolean hasOpen(Path process, Path file) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path one : open) {
                if (Files.readSymbolicLink(one).equals(file)) {
                    return true;
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException ended) {
            return false;
        }
        return false;
    }
}
