package dev.vmext.agent.run;

import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.HandlerStatus;
import org.jspecify.annotations.Nullable;

/**
 * What one look at an enabled installation showed.
 *
 * @param status what the handler says, null while there is no status file
 * @param malformed why the status file cannot be read, null when it can
 * @param probe why the extension is not healthy although its handler is content, null when all probes pass or none decided yet
 * @param probesDecided whether every probe passed or failed often enough to count
 * @param restart why what its handler left running asks for a restart of the machine, null when it does not
 */
public record HealthReading(
        @Nullable HandlerStatus status,
        @Nullable Cause malformed,
        @Nullable Cause probe,
        boolean probesDecided,
        @Nullable String restart) {
    public HealthReading(
            @Nullable HandlerStatus status, @Nullable Cause malformed, @Nullable Cause probe, boolean probesDecided) {
        this(status, malformed, probe, probesDecided, null);
    }

    /** The same, on a machine that the agent may not restart. */
    public HealthReading withoutRestart() {
        return restart == null ? this : new HealthReading(status, malformed, probe, probesDecided);
    }
}
