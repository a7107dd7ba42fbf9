package dev.vmext.protocol.opamp;

/** How far the agent is with a package. */
public enum PackageState {
    INSTALLED(0),
    INSTALL_PENDING(1),
    INSTALLING(2),
    INSTALL_FAILED(3),
    DOWNLOADING(4),
    /** A number that this version does not know. It is never taken for zero, and never sent. */
    UNRECOGNIZED(-1);

    private final int number;

    PackageState(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static PackageState of(int number) {
        return switch (number) {
            case 0 -> INSTALLED;
            case 1 -> INSTALL_PENDING;
            case 2 -> INSTALLING;
            case 3 -> INSTALL_FAILED;
            case 4 -> DOWNLOADING;
            default -> UNRECOGNIZED;
        };
    }
}
