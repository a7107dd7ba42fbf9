package dev.vmext.agent.host;

import dev.vmext.agent.process.CommandLine;
import dev.vmext.agent.process.Measured;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.StatusDetail;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What the agent does around the steps of an installation for the sake of the machine: looks whether it is fit, limits what commands
 * use, measures it, and notes what they add. The step runner calls it, one call at a time per installation; installations run side by
 * side. Nothing here fails a command but a limit: what cannot be measured or noted is logged and left out.
 */
public interface HostCare {
    /**
     * One command of a handler.
     *
     * @param installation whose it is
     * @param extension of the installation
     * @param command which
     * @param run names the run folder
     * @param description of the package that is called
     * @param folders all that the installation has on the disk: its code, settings, state and logs
     */
    record Work(
            String installation,
            String extension,
            HandlerCommand command,
            String run,
            PackageDescription description,
            List<Path> folders) {
        public Work {
            folders = List.copyOf(folders);
        }
    }

    /**
     * What came of a command as far as the machine is concerned.
     *
     * @param exceeded the limit that was the end of it, whatever its exit code says
     * @param detail changes what is reported about the installation
     */
    record Outcome(Optional<Cause> exceeded, UnaryOperator<StatusDetail> detail) {
        public static final Outcome NOTHING = new Outcome(Optional.empty(), detail -> detail);
    }

    /** Why a package must not be unpacked on this machine now; empty when it may. */
    Optional<Cause> preflight(String subject, PackageDescription description, long packageBytes, Path code, Path logs)
            throws IOException;

    /** A command is about to start: what it is to run as. */
    CommandLine begins(Work work, CommandLine line);

    /** A command that was begun by an earlier agent was found again. */
    void resumed(Work work);

    /** A command never came to run, and will not. */
    void dropped(Work work);

    /** Looked at while it runs, every second or so: the limit that is exceeded, for which it must be killed. */
    Optional<Cause> exceeds(Work work);

    /**
     * A command is over.
     *
     * @param failed whether it did not end well
     */
    Outcome ended(Work work, Measured measured, boolean failed);

    /** Does nothing: for agents whose machine is not theirs. */
    static HostCare none() {
        return new HostCare() {
            @Override
            public Optional<Cause> preflight(
                    String subject, PackageDescription description, long packageBytes, Path code, Path logs) {
                return Optional.empty();
            }

            @Override
            public CommandLine begins(Work work, CommandLine line) {
                return line;
            }

            @Override
            public void resumed(Work work) {
                // nothing was begun
            }

            @Override
            public void dropped(Work work) {
                // nothing was begun
            }

            @Override
            public Optional<Cause> exceeds(Work work) {
                return Optional.empty();
            }

            @Override
            public Outcome ended(Work work, Measured measured, boolean failed) {
                return Outcome.NOTHING;
            }
        };
    }
}
