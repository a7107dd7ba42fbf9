package dev.vmext.protocol.opamp;

/** Why the server could not handle a message. */
public enum ServerErrorType {
    UNKNOWN(0),
    BAD_REQUEST(1),
    UNAVAILABLE(2),
    /** A number that this version does not know. It is never taken for zero, and never sent. */
    UNRECOGNIZED(-1);

    private final int number;

    ServerErrorType(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static ServerErrorType of(int number) {
        return switch (number) {
            case 0 -> UNKNOWN;
            case 1 -> BAD_REQUEST;
            case 2 -> UNAVAILABLE;
            default -> UNRECOGNIZED;
        };
    }
}
