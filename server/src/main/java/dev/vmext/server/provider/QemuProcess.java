package dev.vmext.server.provider;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The process of one machine, found again through its pid file. A pid is only believed when that process runs, is no zombie
 * and has the machine's id in its command line, so neither a reused pid nor an unreaped corpse is taken for the machine. The
 * process is not a child of this program: it outlives it.
 */
record QemuProcess(long pid, String startTime) {
    private static final Path PROC = Path.of("/proc");

    /** The machine's process when it lives. */
    static Optional<QemuProcess> find(MachineFolder folder) {
        return folder.pid().flatMap(pid -> {
            Optional<String> start = startOfLiving(pid);
            return start.isPresent() && commandLine(pid).contains(folder.id())
                    ? Optional.of(new QemuProcess(pid, start.get()))
                    : Optional.empty();
        });
    }

    boolean lives() {
        return startOfLiving(pid).filter(startTime::equals).isPresent();
    }

    /** Waits for the end, which may come at once; false when it did not come in time. */
    boolean awaitEnd(Duration deadline) {
        long until = System.nanoTime() + deadline.toNanos();
        Optional<ProcessHandle> handle = ProcessHandle.of(pid);
        while (lives()) {
            long left = until - System.nanoTime();
            if (left <= 0 || handle.isEmpty()) {
                return !lives();
            }
            try {
                // In slices, because a zombie that nobody reaps never ends for the handle.
                handle.get().onExit().get(Math.min(left, 500_000_000L), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                // Look again.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } catch (ExecutionException e) {
                throw new IllegalStateException("waiting for a process does not fail", e);
            }
        }
        return true;
    }

    void kill() {
        if (lives()) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /** Field 22 of {@code /proc/<pid>/stat}; empty when there is no such process or it is dead (states Z and X). */
    private static Optional<String> startOfLiving(long pid) {
        try {
            String stat =
                    Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1);
            // The program's name is in parentheses and may itself contain spaces and parentheses.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields[0].equals("Z") || fields[0].equals("X") ? Optional.empty() : Optional.of(fields[19]);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static List<String> commandLine(long pid) {
        try {
            byte[] bytes = Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("cmdline"));
            return Arrays.asList(new String(bytes, StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }
}
