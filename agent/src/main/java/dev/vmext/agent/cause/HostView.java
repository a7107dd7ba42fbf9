package dev.vmext.agent.cause;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Looks at the machine to corroborate what a failed step says. Each look is fresh; any thread; never throws. */
public interface HostView {
    /**
     * A file system.
     *
     * @param point where it is mounted
     * @param type as in {@code /proc/self/mounts}
     * @param options comma-separated, as there
     * @param freeBytes that an unprivileged process may still write, -1 when not known
     * @param totalBytes -1 when not known
     */
    record Mount(String point, String type, String options, long freeBytes, long totalBytes) {
        public boolean has(String option) {
            return List.of(options.split(",")).contains(option);
        }

        /** So full that next to nothing can be written. */
        public boolean full() {
            return freeBytes >= 0 && freeBytes < 16 * 1024 && totalBytes > 0;
        }
    }

    /** The file system that this path is on; the path need not exist. */
    Optional<Mount> mount(Path path);

    /** How often the kernel killed a process for memory since boot, -1 when it cannot be told. */
    long outOfMemoryKills();

    /** The kernel's newest lines about processes it killed for memory, newest last, empty when they cannot be read. */
    List<String> outOfMemoryLines();

    /** Name of a process, empty when it is gone. */
    Optional<String> processName(long pid);
}
