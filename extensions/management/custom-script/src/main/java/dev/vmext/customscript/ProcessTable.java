package dev.vmext.customscript;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds and ends the processes of one script: those of its process group, and those that left the group but still carry its
 * mark in their environment. Reads /proc, because Java knows only children. One thread.
 */
final class ProcessTable {
    private static final Duration STEP = Duration.ofMillis(50);
    private static final int STEPS_OF_GRACE = 100;
    private static final int STEPS_OF_KILLING = 200;

    private final Path proc;
    private final Stopwatch stopwatch;

    ProcessTable(Path proc, Stopwatch stopwatch) {
        this.proc = proc;
        this.stopwatch = stopwatch;
    }

    /**
     * Asks all of them to end, gives them five seconds, then kills what is left, again and again until nothing is.
     *
     * @param group the process group, or 0 for none
     * @param mark {@code NAME=value} as it stands in the environment
     * @return whether nothing is left
     */
    boolean end(long group, String mark) {
        signal(find(group, mark), false);
        try {
            for (int i = 0; i < STEPS_OF_GRACE; i++) {
                if (find(group, mark).isEmpty()) {
                    return true;
                }
                stopwatch.pause(STEP);
            }
            for (int i = 0; i < STEPS_OF_KILLING; i++) {
                List<Long> left = find(group, mark);
                if (left.isEmpty()) {
                    return true;
                }
                signal(left, true);
                stopwatch.pause(STEP);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            signal(find(group, mark), true);
        }
        return find(group, mark).isEmpty();
    }

    List<Long> find(long group, String mark) {
        List<Long> found = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path folder : folders) {
                if (belongs(folder, group, mark)) {
                    found.add(Long.parseLong(folder.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            // Without /proc nothing can be found; the caller still ends the process it started.
            return found;
        }
        found.remove(ProcessHandle.current().pid());
        return found;
    }

    private static boolean belongs(Path folder, long group, String mark) {
        try {
            String stat = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
            // The program's name is in parentheses and may hold any character; fields are counted behind it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 4);
            if (fields[0].equals("Z") || fields[0].equals("X")) {
                return false;
            }
            if (group > 0 && Long.parseLong(fields[2]) == group) {
                return true;
            }
            String environment = Files.readString(folder.resolve("environ"), StandardCharsets.ISO_8859_1);
            return ("\0" + environment).contains("\0" + mark + "\0");
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
            return false; // it ended while we looked, or belongs to somebody else
        }
    }

    private static void signal(List<Long> pids, boolean kill) {
        for (long pid : pids) {
            ProcessHandle.of(pid).ifPresent(p -> {
                if (kill ? p.destroyForcibly() : p.destroy()) {
                    return;
                }
                // Already gone; the next look will show it.
            });
        }
    }
}
