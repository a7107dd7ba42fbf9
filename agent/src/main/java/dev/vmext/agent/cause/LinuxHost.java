package dev.vmext.agent.cause;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The machine as {@code /proc}, {@code statvfs} and {@code dmesg} show it. No state. */
public final class LinuxHost implements HostView {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_OUTPUT = 1 << 20;
    private static final int OOM_LINES = 6;
    private static final Path VMSTAT = Path.of("/proc/vmstat");

    @Override
    public Optional<Mount> mount(Path path) {
        Path there = path.toAbsolutePath().normalize();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            Path real = there.toRealPath();
            String[] best = null;
            String bestPoint = "";
            for (String line : Files.readAllLines(Path.of("/proc/self/mounts"), StandardCharsets.UTF_8)) {
                String[] fields = line.split(" ", -1);
                if (fields.length < 4) {
                    continue;
                }
                String point = unescape(fields[1]);
                // A later line lies over an earlier one.
                if (real.startsWith(point) && point.length() >= bestPoint.length()) {
                    best = fields;
                    bestPoint = point;
                }
            }
            if (best == null) {
                return Optional.empty();
            }
            FileStore store = Files.getFileStore(real);
            return Optional.of(new Mount(bestPoint, best[2], best[3], store.getUsableSpace(), store.getTotalSpace()));
        } catch (IOException | RuntimeException unreadable) {
            return Optional.empty();
        }
    }

    /** Spaces in a mount point are written in octal. */
    private static String unescape(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    @Override
    public long outOfMemoryKills() {
        try {
            for (String line : Files.readAllLines(VMSTAT, StandardCharsets.US_ASCII)) {
                if (line.startsWith("oom_kill ")) {
                    return Long.parseLong(line.substring("oom_kill ".length()).strip());
                }
            }
        } catch (IOException | NumberFormatException unreadable) {
            return -1;
        }
        return -1;
    }

    @Override
    public List<String> outOfMemoryLines() {
        List<String> lines = new ArrayList<>();
        for (String line : output(List.of("dmesg"))) {
            if (line.contains("Killed process") || line.contains("oom-kill:")) {
                lines.add(line.strip());
            }
        }
        return lines.size() > OOM_LINES ? List.copyOf(lines.subList(lines.size() - OOM_LINES, lines.size())) : lines;
    }

    @Override
    public Optional<String> processName(long pid) {
        try {
            return Optional.of(Files.readString(Path.of("/proc/" + pid + "/comm"), StandardCharsets.UTF_8)
                    .strip());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** What a short program of the machine prints; empty when it is missing, fails, or takes too long. */
    private static List<String> output(List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .redirectInput(Path.of("/dev/null").toFile());
            builder.environment().put("LANG", "C.UTF-8");
            Process process = builder.start();
            // A file system that hangs must not hang the agent: whoever takes longer is ended, which ends the read.
            process.onExit()
                    .orTimeout(PATIENCE.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)
                    .exceptionally(late -> {
                        process.destroyForcibly();
                        return process;
                    });
            try (var in = process.getInputStream()) {
                byte[] bytes = in.readNBytes(MAX_OUTPUT);
                process.destroyForcibly();
                return new String(bytes, StandardCharsets.UTF_8).lines().toList();
            }
        } catch (IOException missing) {
            return List.of();
        }
    }
}
