package dev.vmext.extensionkit;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Replaces secret values in text by {@code ***}, wherever they stand. Secrets are every text and every number of four or
 * more digits in the protected settings, the JSON-escaped form of each text, and each line of eight or more characters of
 * a text with several lines. Immutable, any thread.
 */
public final class Redactor {
    public static final String MASK = "***";
    private static final int SHORTEST_NUMBER = 4;
    private static final int SHORTEST_LINE = 8;

    /** Longest first: a secret that contains another one must not be left half visible. */
    private final List<String> secrets;

    private Redactor(Collection<String> secrets) {
        this.secrets = secrets.stream()
                .filter(s -> !s.isBlank())
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    public static Redactor none() {
        return new Redactor(List.of());
    }

    public static Redactor forSettings(Json protectedSettings) {
        Set<String> found = new TreeSet<>();
        collect(protectedSettings, found);
        return new Redactor(found);
    }

    /** The text with every secret masked. */
    public String redact(String text) {
        String result = text;
        for (String secret : secrets) {
            result = result.replace(secret, MASK);
        }
        return result;
    }

    /**
     * The same for a piece cut out of a longer text: where a cut may have gone through a secret, the visible rest of it is
     * masked too.
     */
    public String redactPiece(String text, boolean cutBefore, boolean cutAfter) {
        int from = 0;
        int to = text.length();
        for (String secret : secrets) {
            for (int n = Math.min(secret.length() - 1, text.length()); n > 0; n--) {
                if (cutBefore && n > from && text.regionMatches(0, secret, secret.length() - n, n)) {
                    from = n;
                }
                if (cutAfter && text.length() - n < to && text.regionMatches(text.length() - n, secret, 0, n)) {
                    to = text.length() - n;
                }
            }
        }
        if (from >= to && (from > 0 || to < text.length())) {
            return MASK;
        }
        return (from > 0 ? MASK : "") + redact(text.substring(from, to)) + (to < text.length() ? MASK : "");
    }

    private static void collect(Json value, Set<String> found) {
        switch (value) {
            case Json.Obj(Map<String, Json> fields) -> fields.values().forEach(v -> collect(v, found));
            case Json.Arr(List<Json> items) -> items.forEach(v -> collect(v, found));
            case Json.Str(String text) -> add(text, found);
            case Json.Num number -> {
                if (number.text().length() >= SHORTEST_NUMBER) {
                    found.add(number.text());
                }
            }
            case Json.Bool _, Json.Null _ -> {}
        }
    }

    private static void add(String text, Set<String> found) {
        found.add(text);
        found.add(text.strip());
        String escaped = new Json.Str(text).text();
        found.add(escaped.substring(1, escaped.length() - 1));
        if (text.contains("\n")) {
            text.lines()
                    .map(String::strip)
                    .filter(l -> l.length() >= SHORTEST_LINE)
                    .forEach(found::add);
        }
    }
}
