package dev.vmext.access;

import dev.vmext.extensionkit.Fields;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Checks of settings that several parts of them need. Each throws with the name of the setting and what it should be. */
final class Checks {
    /** As Debian's useradd takes them, without capital letters: those make trouble elsewhere. */
    static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");

    static final String NAME_WORDS =
            "a name of lower-case letters, digits, _ and -, at most 32, that begins with a letter or _";
    static final Pattern PATH = Pattern.compile("/[^\\x00-\\x1f\\x7f:]{0,255}");

    private Checks() {}

    static String matching(Fields fields, String key, Pattern pattern, String what) {
        return matching(fields, key, fields.getString(key), pattern, what);
    }

    static Optional<String> findMatching(Fields fields, String key, Pattern pattern, String what) {
        return fields.findString(key).map(text -> matching(fields, key, text, pattern, what));
    }

    static List<String> matchingAll(Fields fields, String key, int most, Pattern pattern, String what) {
        List<String> texts = fields.getStrings(key);
        if (texts.size() > most) {
            throw fields.problem(key, "there are more than " + most);
        }
        for (int i = 0; i < texts.size(); i++) {
            matching(fields, key + "[" + i + "]", texts.get(i), pattern, what);
        }
        return texts;
    }

    /** An absolute path that stays where it says. */
    static Optional<String> findPath(Fields fields, String key) {
        Optional<String> path =
                findMatching(fields, key, PATH, "an absolute path of at most 256 characters without colons");
        path.filter(p -> List.of(p.split("/", -1)).contains("..") || (p.length() > 1 && p.endsWith("/")))
                .ifPresent(_ -> {
                    throw fields.problem(key, "it has .. in it, or a slash at the end");
                });
        return path;
    }

    private static String matching(Fields fields, String key, String text, Pattern pattern, String what) {
        if (!pattern.matcher(text).matches()) {
            throw fields.problem(key, "it is not " + what);
        }
        return text;
    }
}
