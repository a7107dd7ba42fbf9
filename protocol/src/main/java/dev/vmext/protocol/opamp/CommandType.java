package dev.vmext.protocol.opamp;

/** What the server commands. Restart is all there is. */
public enum CommandType {
    RESTART(0),
    /** A number that this version does not know. It is never taken for zero, and never sent. */
    UNRECOGNIZED(-1);

    private final int number;

    CommandType(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static CommandType of(int number) {
        return switch (number) {
            case 0 -> RESTART;
            default -> UNRECOGNIZED;
        };
    }
}
