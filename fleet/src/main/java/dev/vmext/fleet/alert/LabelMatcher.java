package dev.vmext.fleet.alert;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * One condition on a label, in Prometheus' spelling: {@code mode=idle}, {@code mode!=idle}, {@code fstype=~ext4|xfs}, {@code
 * fstype!~tmpfs}. A label that a series does not have counts as empty. Expressions fit the whole value. Immutable, any thread.
 */
public final class LabelMatcher {
    private static final Pattern SPELLING = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)(=~|!~|!=|=)(.*)", Pattern.DOTALL);
    private static final int LONGEST = 512;

    private final String text;
    private final String label;
    private final String value;
    private final boolean negated;
    private final Pattern pattern;

    private LabelMatcher(String text, String label, String value, boolean negated, Pattern pattern) {
        this.text = text;
        this.label = label;
        this.value = value;
        this.negated = negated;
        this.pattern = pattern;
    }

    /**
     * Reads one as people write it; quotes around the value are allowed.
     *
     * @throws IllegalArgumentException with what is wrong with it, to stand after "it "
     */
    public static LabelMatcher parse(String text) {
        Matcher parts = SPELLING.matcher(text.strip());
        if (text.length() > LONGEST || !parts.matches()) {
            throw new IllegalArgumentException(
                    "must look like label=value, label!=value, label=~expression or label!~expression");
        }
        String value = parts.group(3).strip();
        if (value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")) {
            value = value.substring(1, value.length() - 1);
        }
        String operator = parts.group(2);
        boolean expression = operator.endsWith("~");
        try {
            return new LabelMatcher(
                    parts.group(1) + operator + value,
                    parts.group(1),
                    value,
                    operator.startsWith("!"),
                    Pattern.compile(expression ? value : Pattern.quote(value)));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("has no valid regular expression: " + e.getDescription(), e);
        }
    }

    /** The label that it looks at. */
    public String label() {
        return label;
    }

    /** Whether a series with these labels fits. */
    public boolean fits(Map<String, String> labels) {
        return pattern.matcher(labels.getOrDefault(label, "")).matches() != negated;
    }

    /** The value as written, an expression or not. */
    public String value() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelMatcher that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return text;
    }
}
