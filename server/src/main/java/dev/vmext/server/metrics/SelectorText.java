package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.LabelMatcher;
import dev.vmext.protocol.metrics.PrometheusText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads Prometheus's way to pick series: {@code name}, {@code {label="value"}} or {@code name{label=~"expression",other!="value"}}. Errors
 * are {@link IllegalArgumentException} with a sentence for people. Used once.
 */
public final class SelectorText {
    private final String text;
    private int at;

    private SelectorText(String text) {
        this.text = text;
    }

    public static SeriesSelector parse(String text) {
        return new SelectorText(text.strip()).read();
    }

    private SeriesSelector read() {
        int brace = text.indexOf('{');
        String name = (brace < 0 ? text : text.substring(0, brace)).strip();
        if (!name.isEmpty() && !PrometheusText.isMetricName(name)) {
            throw wrong("\"" + name + "\" is no name of a metric");
        }
        List<LabelMatcher> matchers = new ArrayList<>();
        if (brace >= 0) {
            at = brace + 1;
            matchers(matchers);
            skipSpace();
            if (at < text.length()) {
                throw wrong("something follows the closing brace");
            }
        }
        if (name.isEmpty() && matchers.isEmpty()) {
            throw wrong("it names neither a metric nor a label");
        }
        for (LabelMatcher matcher : matchers) {
            if (name.isEmpty() && matcher.label().equals("__name__") && matcher.kind() == LabelMatcher.Kind.EQUAL) {
                return new SeriesSelector(Optional.of(matcher.value()), matchers);
            }
        }
        return new SeriesSelector(name.isEmpty() ? Optional.empty() : Optional.of(name), matchers);
    }

    private void matchers(List<LabelMatcher> into) {
        while (true) {
            skipSpace();
            if (next('}')) {
                return;
            }
            String label = word();
            skipSpace();
            LabelMatcher.Kind kind = kind();
            skipSpace();
            into.add(LabelMatcher.of(label, kind, quoted()));
            skipSpace();
            if (!next(',')) {
                if (next('}')) {
                    return;
                }
                throw wrong("a comma or the closing brace is missing at character " + at);
            }
        }
    }

    private LabelMatcher.Kind kind() {
        for (String sign : List.of("=~", "!~", "!=", "=")) {
            if (text.startsWith(sign, at)) {
                at += sign.length();
                return LabelMatcher.Kind.of(sign);
            }
        }
        throw wrong("=, !=, =~ or !~ is missing at character " + at);
    }

    private String word() {
        int from = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
        }
        String word = text.substring(from, at);
        if (!PrometheusText.isLabelName(word)) {
            throw wrong("a label's name is missing at character " + from);
        }
        return word;
    }

    private String quoted() {
        char quote = at < text.length() ? text.charAt(at) : 0;
        if (quote != '"' && quote != '\'') {
            throw wrong("a value in quotes is missing at character " + at);
        }
        at++;
        StringBuilder value = new StringBuilder();
        while (at < text.length() && text.charAt(at) != quote) {
            char c = text.charAt(at++);
            if (c == '\\' && at < text.length()) {
                char escaped = text.charAt(at++);
                value.append(escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped);
            } else {
                value.append(c);
            }
        }
        if (!next(quote)) {
            throw wrong("a value has no closing quote");
        }
        return value.toString();
    }

    private boolean next(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException("cannot read the selector: " + why);
    }
}
