package dev.vmext.agent.host;

import dev.vmext.packageformat.manifest.MachineFacts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** What {@link Preflight} asks of the machine. Looks each time anew; any thread. */
public interface HostState {
    /** Unknown numbers of {@link Volume}. */
    long UNKNOWN = -1;

    /**
     * The file system a folder is on, or would be on if it existed.
     *
     * @param mountPoint where it begins
     * @param freeBytes for root
     * @param freeInodes files that can still be made, {@link #UNKNOWN} where the file system has no such limit
     * @param readOnly nothing can be written
     * @param noExec programs on it cannot be started
     */
    record Volume(Path mountPoint, long freeBytes, long freeInodes, boolean readOnly, boolean noExec) {}

    Volume volume(Path folder) throws IOException;

    /** Memory that programs can get without swapping, {@link #UNKNOWN} when the kernel does not tell. */
    long availableKiB() throws IOException;

    MachineFacts facts();

    /** Work that a dpkg left unfinished, while no package manager runs; empty when there is none. */
    Optional<Path> interruptedPackageManager() throws IOException;

    /** Why a host name has no address; empty when it has one or is one. */
    Optional<String> unresolvable(String host);

    Instant now();

    /** The latest time that is known to have passed, whatever the machine's clock says. */
    Instant atLeast();

    /** The file that asks for a restart; empty when nobody asks. */
    Optional<Path> restartMarker();
}
