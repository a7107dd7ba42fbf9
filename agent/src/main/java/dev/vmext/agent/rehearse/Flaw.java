package dev.vmext.agent.rehearse;

import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationStatus;

/** The extension did not do what a scenario expects; the message is for its publisher. */
final class Flaw extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String hint;

    Flaw(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    /** Made of what the agent reported. */
    static Flaw of(String expected, InstallationStatus status) {
        Cause cause = status.cause();
        String output = status.output().strip();
        String last = output.isEmpty() ? "" : "; its last output: " + output.substring(output.lastIndexOf('\n') + 1);
        return cause == null
                ? new Flaw(
                        expected + ", but the installation is " + status.state().wire() + last, "")
                : new Flaw(expected + ": " + cause.message() + last, cause.hint());
    }

    String hint() {
        return hint;
    }
}
