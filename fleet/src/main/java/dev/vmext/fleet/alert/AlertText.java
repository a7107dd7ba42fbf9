package dev.vmext.fleet.alert;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills what is known of an alert into the words of its rule. Pure. */
public final class AlertText {
    private static final Pattern PLACE = Pattern.compile("\\{([a-zA-Z_][a-zA-Z0-9_]*)(:percent)?}");
    private static final double LARGE = 1e6;

    private AlertText() {}

    /** A place whose label is not there stays as {@code ?}. */
    public static String fill(String text, String machine, Map<String, String> labels, double value) {
        return PLACE.matcher(text)
                .replaceAll(place -> Matcher.quoteReplacement(
                        switch (place.group(1)) {
                            case "machine" -> machine;
                            case "value" -> place.group(2) == null ? number(value) : percent(value);
                            default -> labels.getOrDefault(place.group(1), "?");
                        }));
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 0.0995 ? "%.1f %%" : "%.0f %%", value * 100);
    }

    /** As many digits as tell something. */
    public static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < LARGE) {
            return String.valueOf((long) value);
        }
        return Math.abs(value) >= LARGE
                ? String.format(Locale.ROOT, "%.3g", value)
                : String.format(Locale.ROOT, "%.3f", value)
                        .replaceAll("0+$", "")
                        .replaceAll("\\.$", "");
    }
}
