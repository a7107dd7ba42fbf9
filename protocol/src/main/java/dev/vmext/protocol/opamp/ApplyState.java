package dev.vmext.protocol.opamp;

/** How far the agent is with a configuration or with connection settings. */
public enum ApplyState {
    UNSET(0),
    APPLIED(1),
    APPLYING(2),
    FAILED(3),
    /** A number that this version does not know. It is never taken for zero, and never sent. */
    UNRECOGNIZED(-1);

    private final int number;

    ApplyState(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static ApplyState of(int number) {
        return switch (number) {
            case 0 -> UNSET;
            case 1 -> APPLIED;
            case 2 -> APPLYING;
            case 3 -> FAILED;
            default -> UNRECOGNIZED;
        };
    }
}
