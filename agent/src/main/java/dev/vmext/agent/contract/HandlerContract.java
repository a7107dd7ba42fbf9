package dev.vmext.agent.contract;

import dev.vmext.agent.process.CommandLine;
import dev.vmext.packageformat.manifest.PackageDescription;
import java.io.IOException;
import java.nio.file.Path;

/** How handlers of one kind are called and answer. Implementations keep no state; any thread, one at a time per installation. */
public interface HandlerContract {
    /** Everything a handler expects to find besides its package. May be called again. */
    void prepare(HandlerFolder folder) throws IOException;

    void writeSettings(HandlerFolder folder, Settings settings) throws IOException;

    /** The command to run. The description is the package's whose code is called, the folder its own. */
    CommandLine command(HandlerFolder folder, PackageDescription description, Call call, Path runFolder)
            throws IOException;

    /** Notes for people what was called and what came of it. */
    void logCall(HandlerFolder folder, CommandLine command, String outcome, String output) throws IOException;

    StatusReading readStatus(HandlerFolder folder, long sequence);

    /** Gives the new version what the old one remembers. */
    void copyState(HandlerFolder from, HandlerFolder to) throws IOException;

    /** Puts settings and memory of a version aside. */
    void keep(HandlerFolder from, Path into) throws IOException;

    /** Gives a version unpacked again what was put aside of it. */
    void restore(Path kept, HandlerFolder to) throws IOException;
}
