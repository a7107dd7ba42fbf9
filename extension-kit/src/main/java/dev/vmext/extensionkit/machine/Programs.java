package dev.vmext.extensionkit.machine;

import java.time.Duration;
import java.util.List;

/** Runs programs of the machine, never through a shell. Any thread. */
public interface Programs {
    /**
     * Runs a program to its end.
     *
     * @param timeout after which the program and what it started are killed, and the exit code is 124
     * @param input what it reads from its standard input
     * @param command the program and its arguments; a program that does not exist ends with 127
     */
    Result run(Duration timeout, String input, List<String> command);

    /** Exit code, and the end of what it wrote to both of its outputs. */
    record Result(int exitCode, String output) {
        /** The exit code of a program that does not exist. */
        public static final int MISSING = 127;

        /** The exit code of a program that took too long. */
        public static final int TOO_LONG = 124;

        public boolean ok() {
            return exitCode == 0;
        }

        public boolean isMissing() {
            return exitCode == MISSING;
        }

        /** The last three lines that are not blank, for a message. */
        public String lastLines() {
            List<String> lines = output.lines().filter(l -> !l.isBlank()).toList();
            return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
        }
    }
}
