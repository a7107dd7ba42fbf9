package dev.vmext.backup;

import dev.vmext.extensionkit.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Checks of settings that several parts of them need. Each throws with the name of the setting and what it should be. */
final class Checks {
    /** Control characters would be lines of their own in files that the programs read. */
    private static final Pattern PATH = Pattern.compile("/[^\\x00-\\x1f\\x7f]{0,1023}");

    private Checks() {}

    static String matching(Fields fields, String key, String otherwise, Pattern pattern, String what) {
        String text = fields.findString(key).orElse(otherwise);
        if (!pattern.matcher(text).matches()) {
            throw fields.problem(key, "it is not " + what);
        }
        return text;
    }

    static List<String> matchingAll(Fields fields, String key, int most, Pattern pattern, String what) {
        List<String> texts = fields.getStrings(key);
        if (texts.size() > most) {
            throw fields.problem(key, "there are more than " + most);
        }
        for (int i = 0; i < texts.size(); i++) {
            if (!pattern.matcher(texts.get(i)).matches()) {
                throw fields.problem(key + "[" + i + "]", "it is not " + what);
            }
        }
        return texts;
    }

    /** Absolute paths, without a slash at the end. */
    static List<String> paths(Fields fields, String key, int most) {
        List<String> paths = new ArrayList<>();
        for (String path : matchingAll(
                fields, key, most, PATH, "an absolute path of at most 1024 characters without control characters")) {
            String tidy = path.replaceAll("/+", "/");
            if (List.of(tidy.split("/", -1)).contains("..")) {
                throw fields.problem(key + "[" + paths.size() + "]", "it has .. in it; write the path that is meant");
            }
            paths.add(tidy.length() > 1 && tidy.endsWith("/") ? tidy.substring(0, tidy.length() - 1) : tidy);
        }
        return paths;
    }
}
