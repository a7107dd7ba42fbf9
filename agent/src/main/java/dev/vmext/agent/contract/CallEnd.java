package dev.vmext.agent.contract;

import dev.vmext.packageformat.manifest.HandlerCommand;
import org.jspecify.annotations.Nullable;

/**
 * How a call of a handler ended. Texts are redacted.
 *
 * @param command what was called
 * @param text the command line, or what stands for it when the call was found again after a restart
 * @param sequence of the settings in force
 * @param exitCode null when there is none: it was killed, or what it did is not known
 * @param timedOut whether it was killed because of its deadline
 * @param outcome one sentence for people
 * @param output the end of what it printed, standard output and standard error in the order in which they came
 */
public record CallEnd(
        HandlerCommand command,
        String text,
        long sequence,
        @Nullable Integer exitCode,
        boolean timedOut,
        String outcome,
        String output) {
    static final int MAX_MESSAGE = 3200;
    static final int TIMED_OUT = 1011;

    public boolean succeeded() {
        return exitCode != null && exitCode == 0;
    }

    /** The contract's error code of this command (azure-contract 1.4). */
    public int errorCode() {
        if (timedOut) {
            return TIMED_OUT;
        }
        return switch (command) {
            case INSTALL -> 1007;
            case UPDATE -> 1008;
            case ENABLE -> 1009;
            case DISABLE -> 1010;
            case UNINSTALL -> 1000;
        };
    }

    /** What the contract's agent would report of a failure, cut to its length. Both streams stand in the first section. */
    public String message() {
        String what = exitCode == null ? outcome : "Non-zero exit code: " + exitCode + ", " + text;
        String head = what + "\n[stdout]\n";
        String tail = "\n\n[stderr]\n";
        int room = Math.max(0, MAX_MESSAGE - head.length() - tail.length());
        String kept = output.length() <= room ? output : output.substring(output.length() - room);
        String whole = head + kept + tail;
        return whole.length() <= MAX_MESSAGE ? whole : whole.substring(0, MAX_MESSAGE);
    }
}
