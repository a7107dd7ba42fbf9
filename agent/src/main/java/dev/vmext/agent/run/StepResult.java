package dev.vmext.agent.run;

import dev.vmext.agent.journal.Traits;
import dev.vmext.protocol.status.Cause;
import org.jspecify.annotations.Nullable;

/** How a step ended. The last output of a command goes with it. */
public sealed interface StepResult {
    String output();

    /**
     * It was done.
     *
     * @param traits of the package, for unpack only
     * @param exitCode of the command, for commands only
     * @param reboot why its handler asks for a restart of the machine, null when it does not
     */
    record Done(
            @Nullable Traits traits,
            @Nullable Integer exitCode,
            String output,
            @Nullable String reboot) implements StepResult {
        public static final Done PLAIN = new Done(null, null, "");

        public Done(@Nullable Traits traits, @Nullable Integer exitCode, String output) {
            this(traits, exitCode, output, null);
        }
    }

    record Failed(Cause cause, @Nullable Integer exitCode, String output) implements StepResult {
        public Failed(Cause cause) {
            this(cause, null, "");
        }
    }

    /** Its deadline passed; nothing of it runs any more. */
    record TimedOut(Cause cause, String output) implements StepResult {}

    /** The machine went down while a command ran: what it did is not known. */
    record Interrupted(Cause cause, String output) implements StepResult {}

    /** It was told to end before it was done; nothing of it runs any more, what it did is not known. */
    record Stopped(String output) implements StepResult {}

    /** The command of an earlier agent never began, so it is simply to be done. */
    record NotBegun() implements StepResult {
        @Override
        public String output() {
            return "";
        }
    }
}
