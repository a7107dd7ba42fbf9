package dev.vmext.agent.host;

import java.io.IOException;

/** Restarts the machine. */
public interface Restarter {
    /** Asks the machine to go down and come back; returns at once, the process ends some time later. */
    void restart(String reason) throws IOException;
}
