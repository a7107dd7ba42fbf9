package dev.vmext.bench.footprint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What some processes hold in memory, in KiB.
 *
 * @param resident all their resident pages; pages they share count once for each
 * @param proportional shared pages counted by share, so that sums are honest
 */
record ProcessSize(long resident, long proportional) {
    private static final double TICKS_PER_SECOND = 100;

    static ProcessSize of(List<Long> pids) throws IOException {
        long resident = 0;
        long proportional = 0;
        for (long pid : pids) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
                if (line.startsWith("Rss:")) {
                    resident += kibibytes(line);
                } else if (line.startsWith("Pss:")) {
                    proportional += kibibytes(line);
                }
            }
        }
        return new ProcessSize(resident, proportional);
    }

    /** Seconds of processor time these processes have used so far. */
    static double cpuSeconds(List<Long> pids) throws IOException {
        long ticks = 0;
        for (long pid : pids) {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    String text() {
        return String.format("%.1f / %.1f", resident / 1024.0, proportional / 1024.0);
    }

    private static long kibibytes(String line) {
        return Long.parseLong(line.replaceAll("\\D", ""));
    }
}
