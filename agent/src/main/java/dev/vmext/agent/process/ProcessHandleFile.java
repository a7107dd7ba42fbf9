package dev.vmext.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a run folder says about its process: process id, start time and boot together name one process for ever. */
record ProcessHandleFile(long pid, long startTime, String bootId) {
    static Optional<ProcessHandleFile> read(Path runFolder) throws IOException {
        Path file = runFolder.resolve("pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String[] words =
                Files.readString(file, StandardCharsets.US_ASCII).strip().split(" ", -1);
        try {
            return words.length == 3
                    ? Optional.of(new ProcessHandleFile(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]))
                    : Optional.empty();
        } catch (NumberFormatException torn) {
            return Optional.empty();
        }
    }

    /** Whether exactly this process is alive now. */
    boolean alive(String currentBoot) {
        Optional<ProcStat> now = ProcStat.of(pid);
        return bootId.equals(currentBoot)
                && now.isPresent()
                && now.get().startTime() == startTime
                && !now.get().dead();
    }
}
