package dev.vmext.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The control group of one command, through its files; gone when the last process in it ended. Thread-safe. */
final class ControlGroup {
    private static final Path MOUNTED = Path.of("/sys/fs/cgroup");

    private final Path folder;

    private ControlGroup(Path folder) {
        this.folder = folder;
    }

    /** The group that a run folder names; empty when the command runs in none of ours. */
    static Optional<ControlGroup> of(Path runFolder) throws IOException {
        Path file = runFolder.resolve("cgroup");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String path = Files.readString(file, StandardCharsets.UTF_8).strip();
        // The script wrote it, but a handler could: nothing outside of our slices is ever killed.
        Path folder = MOUNTED.resolve(path.replaceFirst("^/+", "")).normalize();
        boolean ours = folder.startsWith(MOUNTED.resolve("vmext.slice"))
                && folder.getFileName().toString().endsWith(".scope");
        return ours ? Optional.of(new ControlGroup(folder)) : Optional.empty();
    }

    /** What its files tell now; nothing when it is gone. */
    Measured measure() {
        return Usages.ofGroup(name -> {
            try {
                return Files.readString(folder.resolve(name), StandardCharsets.US_ASCII);
            } catch (IOException notInThisKernelOrGone) {
                return "";
            }
        });
    }

    /** Kills all that is in it at once, so that nothing can start something else meanwhile. */
    void kill() throws IOException {
        try {
            Files.writeString(folder.resolve("cgroup.kill"), "1");
        } catch (NoSuchFileException goneOrOldKernel) {
            for (long pid : members()) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    List<Long> members() throws IOException {
        List<Long> pids = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(folder.resolve("cgroup.procs"), StandardCharsets.US_ASCII)) {
                if (!line.isBlank()) {
                    pids.add(Long.valueOf(line.strip()));
                }
            }
        } catch (IOException gone) {
            // A group that ends while it is read says "no such device".
            return pids;
        }
        return pids;
    }
}
