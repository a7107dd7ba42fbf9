package dev.vmext.packageformat;

import org.jspecify.annotations.Nullable;

/**
 * The one exception of this module. The detail reads "cannot verb thing: why"; the hint says what to do about it and may be
 * empty. Neither ever contains key material.
 */
public final class PackageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final PackageProblem kind;
    private final String detail;
    private final String hint;

    public PackageException(PackageProblem kind, String detail, String hint) {
        this(kind, detail, hint, null);
    }

    public PackageException(PackageProblem kind, String detail, String hint, @Nullable Throwable cause) {
        super(hint.isEmpty() ? detail : detail + "; " + hint, cause);
        this.kind = kind;
        this.detail = detail;
        this.hint = hint;
    }

    public PackageProblem kind() {
        return kind;
    }

    public String detail() {
        return detail;
    }

    public String hint() {
        return hint;
    }
}
