package dev.vmext.server.json;

/**
 * A document that cannot be used. The caller turns the kind into its own problem code.
 */
public final class JsonProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of thing is wrong. */
    public enum Kind {
        /** Not JSON, too deep, a key twice, a key nobody knows, a value of the wrong type. */
        MALFORMED,
        /** More bytes than allowed. */
        TOO_LARGE,
        /** The right type, and refused by the record. */
        VALUE
    }

    private final Kind kind;
    private final String hint;

    JsonProblem(Kind kind, String reason, String hint) {
        super(reason);
        this.kind = kind;
        this.hint = hint;
    }

    public Kind kind() {
        return kind;
    }

    /** Where and why, to be put after "cannot read X: ". */
    public String reason() {
        return String.valueOf(getMessage());
    }

    public String hint() {
        return hint;
    }
}
