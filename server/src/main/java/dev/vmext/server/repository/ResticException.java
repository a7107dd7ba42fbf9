package dev.vmext.server.repository;

import org.jspecify.annotations.Nullable;

/** Why work on a repository failed, with a message for people. */
public final class ResticException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of failure, as far as it makes a difference. */
    public enum Kind {
        /** The program is not installed. */
        NO_PROGRAM,
        /** There is no repository, or nothing answers there. */
        NO_REPOSITORY,
        /** Somebody works on it now. */
        LOCKED,
        /** Something in it is not what it should be. */
        DAMAGED,
        /** Anything else, such as a full disk. */
        FAILED
    }

    private final Kind kind;

    public ResticException(Kind kind, String message) {
        this(kind, message, null);
    }

    public ResticException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
