package dev.vmext.packageformat.manifest;

import java.net.URI;
import java.util.List;

/** What a probe does. */
public sealed interface ProbeCheck {
    /** Runs a program without a shell; exit code 0 is healthy. A first word without leading slash lies in the package. */
    record Exec(List<String> command) implements ProbeCheck {
        public Exec {
            command = List.copyOf(command);
        }
    }

    /** Asks with GET; the given status code is healthy. */
    record Http(URI url, int status) implements ProbeCheck {}

    /** Opens a connection and closes it. */
    record Tcp(String host, int port) implements ProbeCheck {}

    /** Looks for a process with this name. */
    record RunningProcess(String name) implements ProbeCheck {}

    /** Asks systemd whether this unit is active. */
    record ActiveUnit(String name) implements ProbeCheck {}
}
