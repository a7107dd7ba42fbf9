package dev.vmext.agent.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Whether cloud-init is still at work on this boot, told from its files as {@code cloud-init status} does, without starting Python. The
 * agent may wait for it: nothing of the agent is waited for by cloud-init, whose unit it is not ordered after. No state; any thread.
 */
final class CloudInit {
    /**
     * Between two of its stages no process of it runs. When it died there, or never started, nobody writes the result either; so
     * without a process it is believed only this long after the boot.
     */
    private static final double PAUSE_SECONDS = 300;

    private final Path folder;
    private final ProcessTable table;

    CloudInit(Path root, ProcessTable table) {
        this.folder = root.resolve("run/cloud-init");
        this.table = table;
    }

    /** Its process, or its pause between two stages; empty when it is done, switched off or not there. */
    Optional<LockHolder> working() throws IOException {
        if (!Files.isDirectory(folder)
                || Files.exists(folder.resolve("disabled"))
                || Files.exists(folder.resolve("result.json"))) {
            return Optional.empty();
        }
        List<Long> stages = table.running(CloudInit::isStage);
        if (!stages.isEmpty()) {
            long pid = stages.getFirst();
            return Optional.of(new LockHolder(pid, table.command(pid), "cloud-init at boot"));
        }
        boolean started = Files.exists(folder.resolve("enabled")) || Files.exists(folder.resolve("status.json"));
        return started && uptime() < PAUSE_SECONDS
                ? Optional.of(new LockHolder(0, "cloud-init", "cloud-init at boot, between two of its stages"))
                : Optional.empty();
    }

    /** {@code python3 /usr/bin/cloud-init modules --mode=final}, but not {@code cloud-init status --wait}. */
    private static boolean isStage(List<String> words) {
        for (int i = 0; i < Math.min(2, words.size()); i++) {
            String word = words.get(i);
            // Images of ours run all stages in one process of their own.
            if (word.endsWith("/cloud-init-stages")) {
                return true;
            }
            if (word.endsWith("/cloud-init")) {
                String stage = i + 1 < words.size() ? words.get(i + 1) : "";
                return stage.equals("init") || stage.equals("modules") || stage.startsWith("--all-stages");
            }
        }
        return false;
    }

    private double uptime() throws IOException {
        String text = Files.readString(table.proc().resolve("uptime"), StandardCharsets.US_ASCII);
        try {
            return Double.parseDouble(text.substring(0, text.indexOf(' ')));
        } catch (IndexOutOfBoundsException | NumberFormatException otherKernel) {
            return PAUSE_SECONDS;
        }
    }
}
