package dev.vmext.agent.contract;

import dev.vmext.agent.process.CommandLine;
import dev.vmext.packageformat.manifest.PackageDescription;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * How handlers of one kind are called and answer. Implementations keep nothing that matters after a restart; any thread, one at a
 * time per installation.
 */
public interface HandlerContract {
    /** Everything a handler expects to find besides its package. Called after unpacking and at each start of the agent. */
    void prepare(HandlerFolder folder) throws IOException;

    void writeSettings(HandlerFolder folder, Settings settings) throws IOException;

    /** The command to run. The description is the package's whose code is called, the folder its own. */
    CommandLine command(HandlerFolder folder, PackageDescription description, Call call, Path runFolder)
            throws IOException;

    /** Notes for people that this call begins. */
    void begins(HandlerFolder folder, CommandLine command) throws IOException;

    /**
     * Notes what came of a call, for people and for whoever looks at the handler's files.
     *
     * @param code the folder whose package was called
     * @param owner the folder of the version that the call was for; the same, but for an update on a downgrade
     */
    void ended(HandlerFolder code, HandlerFolder owner, PackageDescription description, CallEnd end) throws IOException;

    StatusReading readStatus(HandlerFolder folder, long sequence);

    /** When the status that {@link #readStatus} reads was written; empty where it comes from no file. */
    Optional<Instant> findStatusTime(HandlerFolder folder, long sequence);

    /** Looks at the heartbeat of a handler that promised one. */
    HeartbeatReading readHeartbeat(HandlerFolder folder);

    /** Takes the events that handlers left since the last time. */
    void collectEvents(HandlerFolder folder) throws IOException;

    /** Gives the new version what the old one remembers. */
    void copyState(HandlerFolder from, HandlerFolder to) throws IOException;

    /** Puts settings and memory of a version aside. */
    void keep(HandlerFolder from, Path into) throws IOException;

    /** Gives a version unpacked again what was put aside of it. */
    void restore(Path kept, HandlerFolder to) throws IOException;
}
