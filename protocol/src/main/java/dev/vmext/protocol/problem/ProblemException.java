package dev.vmext.protocol.problem;

import org.jspecify.annotations.Nullable;

/** An expected failure on its way to an edge, which translates it once. A bug is an IllegalStateException instead. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ProblemCode code;
    private final String hint;

    /**
     * @param detail "cannot &lt;verb&gt; &lt;thing&gt;: &lt;why&gt;"
     * @param hint what to do about it
     */
    public ProblemException(ProblemCode code, String detail, String hint) {
        this(code, detail, hint, null);
    }

    public ProblemException(ProblemCode code, String detail, String hint, @Nullable Throwable cause) {
        super(detail, cause);
        this.code = code;
        this.hint = hint;
    }

    public ProblemCode code() {
        return code;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    public String hint() {
        return hint;
    }

    public Problem problem() {
        return Problem.of(code, detail(), hint);
    }
}
