package dev.vmext.protocol.problem;

import java.util.Objects;

/**
 * An RFC 9457 problem ({@code application/problem+json}) as vmext sends it.
 *
 * @param type {@code urn:vmext:problem:<code>}
 * @param title the same for every occurrence of the code
 * @param status the HTTP status
 * @param detail this occurrence: "cannot &lt;verb&gt; &lt;thing&gt;: &lt;why&gt;"
 * @param code the stable code ({@link ProblemCode#wire})
 * @param hint what to do about it, never empty
 * @param retry whether the same request may succeed later
 */
public record Problem(String type, String title, int status, String detail, String code, String hint, boolean retry) {
    public static final String MEDIA_TYPE = "application/problem+json";

    public Problem {
        Objects.requireNonNull(type);
        Objects.requireNonNull(title);
        Objects.requireNonNull(detail);
        Objects.requireNonNull(code);
        Objects.requireNonNull(hint);
    }

    public static Problem of(ProblemCode code, String detail, String hint) {
        return new Problem(
                "urn:vmext:problem:" + code.wire(),
                code.title(),
                code.httpStatus(),
                detail,
                code.wire(),
                hint,
                code.retryable());
    }
}
