package dev.vmext.protocol.opamp;

/** The agent itself, or something added to it. */
public enum PackageType {
    TOP_LEVEL(0),
    ADDON(1),
    /** A number that this version does not know. It is never taken for zero, and never sent. */
    UNRECOGNIZED(-1);

    private final int number;

    PackageType(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static PackageType of(int number) {
        return switch (number) {
            case 0 -> TOP_LEVEL;
            case 1 -> ADDON;
            default -> UNRECOGNIZED;
        };
    }
}
