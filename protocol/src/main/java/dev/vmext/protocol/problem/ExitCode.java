package dev.vmext.protocol.problem;

/** Exit codes of the command line, the same for every command. */
public enum ExitCode {
    OK(0),
    FAILED(1),
    USAGE(2),
    NOT_FOUND(3),
    REFUSED(4),
    UNREACHABLE(5),
    TIMED_OUT(6);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
