package dev.vmext.extensionkit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Typed reading of one JSON object, with errors that name the setting and say what it should be. It remembers which keys
 * were asked for, so that {@link #refuseUnknown} can refuse the rest with a suggestion. A null counts as absent. Not for
 * several threads.
 */
public final class Fields {
    private final String path;
    private final Json.Obj object;
    private final Set<String> known = new LinkedHashSet<>();

    private Fields(String path, Json.Obj object) {
        this.path = path;
        this.object = object;
    }

    /** Wraps an object; {@code path} is what messages call it, e.g. {@code settings} or {@code rules[2]}. */
    public static Fields of(String path, Json value) {
        if (value instanceof Json.Obj object) {
            return new Fields(path, object);
        }
        throw HandlerException.badSettings("cannot use " + path + ": it is " + value.kind() + ", not an object", "");
    }

    public String path() {
        return path;
    }

    /** The keys that are there, in their order; for an object whose keys are the user's own. */
    public List<String> keys() {
        return List.copyOf(object.fields().keySet());
    }

    public boolean has(String key) {
        return find(key).isPresent();
    }

    public Optional<String> findString(String key) {
        return find(key).map(value -> text(key, value));
    }

    public String getString(String key) {
        return findString(key).orElseThrow(() -> problem(key, "it is missing"));
    }

    public boolean getBoolean(String key, boolean otherwise) {
        return find(key)
                .map(value -> switch (value) {
                    case Json.Bool(boolean flag) -> flag;
                    default -> throw problem(key, "it is " + value.kind() + ", not true or false");
                })
                .orElse(otherwise);
    }

    public int getInt(String key, int otherwise, int lowest, int highest) {
        return find(key)
                .map(value -> {
                    if (!(value instanceof Json.Num(BigDecimal number))) {
                        throw problem(key, "it is " + value.kind() + ", not a whole number");
                    }
                    if (number.compareTo(BigDecimal.valueOf(lowest)) < 0
                            || number.compareTo(BigDecimal.valueOf(highest)) > 0
                            || number.stripTrailingZeros().scale() > 0) {
                        throw problem(key, "it is not a whole number from %d to %d".formatted(lowest, highest));
                    }
                    return number.intValueExact();
                })
                .orElse(otherwise);
    }

    /** One of the given words, or the default. */
    public String getWord(String key, String otherwise, List<String> words) {
        String value = findString(key).orElse(otherwise);
        if (!words.contains(value)) {
            throw problem(key, "it is not one of " + String.join(", ", words));
        }
        return value;
    }

    public Fields getObject(String key) {
        return find(key).map(value -> of(path + "." + key, value)).orElseThrow(() -> problem(key, "it is missing"));
    }

    Json.Obj object(String key) {
        return getObject(key).object;
    }

    public List<Json> getList(String key) {
        return find(key)
                .map(value -> switch (value) {
                    case Json.Arr(List<Json> items) -> items;
                    default -> throw problem(key, "it is " + value.kind() + ", not a list");
                })
                .orElse(List.of());
    }

    public List<String> getStrings(String key) {
        List<String> texts = new ArrayList<>();
        for (Json item : getList(key)) {
            texts.add(text(key + "[" + texts.size() + "]", item));
        }
        return List.copyOf(texts);
    }

    public Map<String, String> getStringMap(String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (has(key)) {
            getObject(key).object.fields().forEach((name, value) -> texts.put(name, text(key + "." + name, value)));
        }
        return texts;
    }

    /** Refuses the first key that nobody asked for. Call it when everything was read. */
    public void refuseUnknown() {
        for (String key : object.fields().keySet()) {
            if (!known.contains(key)) {
                String suggestion = known.stream()
                        .min(Comparator.comparingInt(k -> distance(k, key)))
                        .filter(k -> distance(k, key) <= 3)
                        .map(k -> "Did you mean " + k + "?")
                        .orElse("Known are: " + String.join(", ", known) + ".");
                throw HandlerException.badSettings(
                        "cannot use " + path + ": there is no setting " + quoted(key), suggestion);
            }
        }
    }

    /** The exception for a value that has the right type but is wrong. The value itself is not repeated: it may be secret. */
    public HandlerException problem(String key, String why) {
        return HandlerException.badSettings("cannot use " + path + "." + key + ": " + why, "");
    }

    private Optional<Json> find(String key) {
        known.add(key);
        return object.find(key).filter(value -> !(value instanceof Json.Null));
    }

    private String text(String key, Json value) {
        if (value instanceof Json.Str(String text)) {
            return text;
        }
        throw problem(key, "it is " + value.kind() + ", not a text");
    }

    /** A key from outside, made harmless for a one-line message. */
    private static String quoted(String key) {
        String shown = key.length() > 60 ? key.substring(0, 60) + "..." : key;
        return new Json.Str(shown).text();
    }

    private static int distance(String a, String b) {
        if (a.length() > 60 || b.length() > 60) {
            return Integer.MAX_VALUE;
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = corner + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                corner = above;
            }
        }
        return row[b.length()];
    }
}
