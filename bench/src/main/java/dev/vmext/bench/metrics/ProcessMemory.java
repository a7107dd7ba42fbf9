package dev.vmext.bench.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The resident memory of a process, as the kernel counts it. */
final class ProcessMemory {
    private ProcessMemory() {}

    static long residentMebibytes(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        throw new IOException("process " + pid + " has no memory");
    }
}
