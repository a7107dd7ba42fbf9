package dev.vmext.protocol.metrics;

import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * One condition on a label, as Prometheus has them. A label that is not there has the empty value. Immutable.
 */
public final class LabelMatcher {
    private static final Pattern TEXT =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)\\s*(=~|!~|!=|=)\\s*(.*)", Pattern.DOTALL);
    private static final int MAX_EXPRESSION = 512;

    /** How it compares. */
    public enum Kind {
        EQUAL("="),
        NOT_EQUAL("!="),
        LIKE("=~"),
        NOT_LIKE("!~");

        private final String sign;

        Kind(String sign) {
            this.sign = sign;
        }

        /** Throws {@link IllegalArgumentException} for a sign that is none. */
        public static Kind of(String sign) {
            for (Kind kind : values()) {
                if (kind.sign.equals(sign)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("there is no comparison " + sign);
        }
    }

    private final String label;
    private final Kind kind;
    private final String value;
    private final Pattern pattern;

    private LabelMatcher(String label, Kind kind, String value, Pattern pattern) {
        this.label = label;
        this.kind = kind;
        this.value = value;
        this.pattern = pattern;
    }

    /** Throws {@link IllegalArgumentException} with a sentence for people when the expression is none. */
    public static LabelMatcher of(String label, Kind kind, String value) {
        boolean expression = kind == Kind.LIKE || kind == Kind.NOT_LIKE;
        if (expression && value.length() > MAX_EXPRESSION) {
            throw new IllegalArgumentException(
                    "the regular expression for " + label + " is longer than " + MAX_EXPRESSION + " characters");
        }
        try {
            return new LabelMatcher(label, kind, value, Pattern.compile(expression ? value : ""));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "the regular expression for " + label + " is not valid: " + e.getDescription() + " near character "
                            + Math.max(0, e.getIndex()),
                    e);
        }
    }

    public static LabelMatcher equal(String label, String value) {
        return of(label, Kind.EQUAL, value);
    }

    /** Reads {@code label=value}, {@code label!=value}, {@code label=~expression} or {@code label!~expression}. */
    public static LabelMatcher parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no condition on a label; write label=value, label!=value, label=~expression or"
                            + " label!~expression");
        }
        String value = matcher.group(3);
        if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
            value = value.substring(1, value.length() - 1);
        }
        return of(matcher.group(1), Kind.of(matcher.group(2)), value);
    }

    public String label() {
        return label;
    }

    public Kind kind() {
        return kind;
    }

    /** The text or expression it compares with. */
    public String value() {
        return value;
    }

    /** Whether a label with this value, empty when it is not there, fits. Expressions must match all of it. */
    public boolean fits(String text) {
        return switch (kind) {
            case EQUAL -> text.equals(value);
            case NOT_EQUAL -> !text.equals(value);
            case LIKE -> pattern.matcher(new BoundedText(text)).matches();
            case NOT_LIKE -> !pattern.matcher(new BoundedText(text)).matches();
        };
    }

    /** Whether a series with these labels fits. */
    public boolean fits(Map<String, String> labels) {
        return fits(labels.getOrDefault(label, ""));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelMatcher that
                && label.equals(that.label)
                && kind == that.kind
                && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return Objects.hash(label, kind, value);
    }

    /** As {@link #parse} reads it, in Prometheus' spelling. */
    @Override
    public String toString() {
        return label + kind.sign + '"' + value + '"';
    }
}
