package dev.vmext.antivirus;

import dev.vmext.extensionkit.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Checks of settings that several parts of them need. Each throws with the name of the setting and what it should be. */
final class Checks {
    private static final Pattern CALENDAR = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9*/:,.~ +-]{0,99}");
    /** Control characters would be lines of their own in files that the programs read. */
    private static final Pattern PATH = Pattern.compile("/[^\\x00-\\x1f\\x7f]{0,1023}");

    private Checks() {}

    static String matching(Fields fields, String key, Pattern pattern, String what) {
        String text = fields.getString(key);
        if (!pattern.matcher(text).matches()) {
            throw fields.problem(key, "it is not " + what);
        }
        return text;
    }

    /** Looks right; whether systemd understands it is asked on the machine. */
    static String calendar(Fields fields, String key, String otherwise) {
        if (!fields.has(key)) {
            return otherwise;
        }
        return matching(fields, key, CALENDAR, "a calendar expression of systemd, like *-*-* 03:00:00");
    }

    static List<String> atMost(Fields fields, String key, int most) {
        List<String> texts = fields.getStrings(key);
        if (texts.size() > most) {
            throw fields.problem(key, "there are more than " + most);
        }
        return texts;
    }

    /** Absolute paths, without a slash at the end. */
    static List<String> paths(Fields fields, String key, int most) {
        List<String> paths = new ArrayList<>();
        for (String path : atMost(fields, key, most)) {
            if (!PATH.matcher(path).matches()) {
                throw fields.problem(
                        key + "[" + paths.size() + "]",
                        "it is not an absolute path of at most 1024 characters without control characters");
            }
            String tidy = path.replaceAll("/+", "/");
            if (List.of(tidy.split("/", -1)).contains("..")) {
                throw fields.problem(key + "[" + paths.size() + "]", "it has .. in it; write the path that is meant");
            }
            paths.add(tidy.length() > 1 && tidy.endsWith("/") ? tidy.substring(0, tidy.length() - 1) : tidy);
        }
        return paths;
    }

    /** What a scan looks at: at least one path, or all of the machine when nothing is said. */
    static List<String> scanned(Fields fields, String key) {
        List<String> paths = paths(fields, key, 64);
        if (fields.has(key) && paths.isEmpty()) {
            throw fields.problem(key, "it is empty, so there would be nothing to scan");
        }
        return paths.isEmpty() ? List.of("/") : paths;
    }

    static List<String> matchingAll(Fields fields, String key, int most, Pattern pattern, String what) {
        List<String> texts = atMost(fields, key, most);
        for (int i = 0; i < texts.size(); i++) {
            if (!pattern.matcher(texts.get(i)).matches()) {
                throw fields.problem(key + "[" + i + "]", "it is not " + what);
            }
        }
        return texts;
    }
}
