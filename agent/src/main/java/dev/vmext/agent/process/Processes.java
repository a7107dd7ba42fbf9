package dev.vmext.agent.process;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Commands that outlive the agent. Each runs in a session of its own and leaves its traces in a run folder, through which it is
 * found again after a restart of the agent.
 */
public interface Processes {
    /** Starts a command. When this returns normally or not, {@link #attach} on the same folder tells the truth. */
    RunningCommand start(CommandLine command) throws IOException;

    /**
     * Finds a command started earlier, perhaps by an agent that was killed. If it never came to run, it never will after this call:
     * the outcome is then {@link Outcome.NotStarted} and the command may safely be started in another folder.
     */
    RunningCommand attach(Path runFolder) throws IOException;

    /** Names this boot of the machine. */
    String bootId();
}
