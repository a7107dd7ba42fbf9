package dev.vmext.fleet.provider;

import org.jspecify.annotations.Nullable;

/**
 * A provider could not do what it was asked. The detail reads "cannot (verb) (thing): (why)"; the hint says what a person
 * can do about it. The caller turns the kind into its own problem code.
 */
public final class ProviderProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public enum Kind {
        /** Programs that the provider calls are not installed; the hint has the install command. */
        MISSING_PACKAGES,
        NOT_ENOUGH_MEMORY,
        NOT_ENOUGH_DISK,
        UNKNOWN_IMAGE,
        IMAGE_BUILD_FAILED,
        UNKNOWN_MACHINE,
        UNKNOWN_SNAPSHOT,
        /** What a snapshot is kept in is not as it was written. */
        BROKEN_SNAPSHOT,
        /** A machine of this id exists and differs from the one asked for. */
        CONFLICT,
        /** It must run for this. */
        NOT_RUNNING,
        BOOT_FAILED,
        /** The hypervisor or the host's file system refused. */
        HOST_FAILURE
    }

    private final Kind kind;
    private final String hint;

    public ProviderProblem(Kind kind, String detail, String hint) {
        this(kind, detail, hint, null);
    }

    public ProviderProblem(Kind kind, String detail, String hint, @Nullable Throwable cause) {
        super(detail, cause);
        this.kind = kind;
        this.hint = hint;
    }

    public Kind kind() {
        return kind;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    /** What to do about it; empty when there is nothing sensible to say. */
    public String hint() {
        return hint;
    }
}
