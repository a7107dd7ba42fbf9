package dev.vmext.agent.host;

import dev.vmext.agent.process.Measured;
import dev.vmext.protocol.status.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;

/**
 * What the commands of an installation used since it was installed, in a file {@code .usage} in the installation's folder, with which it
 * goes. One word and one number a line; what is missing is zero, what is unknown is ignored. One thread per installation.
 */
final class UsageBook {
    static final String FILE = ".usage";

    private UsageBook() {}

    /** Adds one command to what is written in this folder; the sum. */
    static Usage add(Path installation, Measured measured, long diskKiB) throws IOException {
        Usage old = read(installation.resolve(FILE));
        Usage sum = new Usage(
                measured.confined(),
                old.cpuMillis() + measured.cpuMillis(),
                Math.max(old.memoryPeakKiB(), measured.memoryPeakKiB()),
                Math.max(old.tasksPeak(), measured.tasksPeak()),
                diskKiB);
        if (Files.isDirectory(installation)) {
            write(installation.resolve(FILE), sum);
        }
        return sum;
    }

    private static Usage read(Path file) throws IOException {
        Map<String, Long> values = new HashMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                String[] words = line.split(" ", -1);
                if (words.length == 2 && words[1].matches("[0-9]{1,18}")) {
                    values.put(words[0], Long.valueOf(words[1]));
                }
            }
        }
        return new Usage(
                values.getOrDefault("budgeted", 0L) == 1,
                values.getOrDefault("cpuMillis", 0L),
                values.getOrDefault("memoryPeakKiB", 0L),
                Math.toIntExact(Math.min(Integer.MAX_VALUE, values.getOrDefault("tasksPeak", 0L))),
                values.getOrDefault("diskKiB", 0L));
    }

    private static void write(Path file, Usage usage) throws IOException {
        Path next = file.resolveSibling(FILE + ".new");
        Files.writeString(
                next,
                "budgeted " + (usage.budgeted() ? 1 : 0) + "\ncpuMillis " + usage.cpuMillis() + "\nmemoryPeakKiB "
                        + usage.memoryPeakKiB() + "\ntasksPeak " + usage.tasksPeak() + "\ndiskKiB " + usage.diskKiB()
                        + "\n");
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
