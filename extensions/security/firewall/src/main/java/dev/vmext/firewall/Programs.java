package dev.vmext.firewall;

import java.time.Duration;
import java.util.List;

/** Runs programs of the machine, never through a shell. */
interface Programs {
    /** Runs it to its end with this text as standard input. A program that does not exist ends with 127. */
    Result run(Duration timeout, String input, List<String> command);

    /** Exit code and the end of what it wrote to both of its outputs. 124 means that it took too long. */
    record Result(int exitCode, String output) {
        boolean ok() {
            return exitCode == 0;
        }

        /** The last lines, for a message. */
        String lastLines() {
            List<String> lines = output.lines().filter(l -> !l.isBlank()).toList();
            return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
        }
    }
}
