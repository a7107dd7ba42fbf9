package dev.vmext.packageformat.json;

import dev.vmext.packageformat.PackageException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One JSON object and where it stands in its document, read field by field with the checks every format needs. Immutable. */
public final class JsonFields {
    private final JsonDocument document;
    private final String path;
    private final Map<?, ?> members;
    private final JsonShape shape;

    private JsonFields(JsonDocument document, String path, Map<?, ?> members, JsonShape shape) {
        this.document = document;
        this.path = path;
        this.members = members;
        this.shape = shape;
    }

    static JsonFields of(JsonDocument document, String path, @Nullable Object value, JsonShape shape) {
        if (!(value instanceof Map<?, ?> members)) {
            throw document.problem(path, "it must be a JSON object", "");
        }
        if (shape.closed()) {
            for (Object name : members.keySet()) {
                if (!shape.fields().contains(name)) {
                    String why = "the field \"" + name + "\" is not known";
                    throw document.problem(path, why, Suggestion.among(shape.fields(), (String) name));
                }
            }
        }
        return new JsonFields(document, path, members, shape);
    }

    private String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private @Nullable Object find(String name) {
        if (!shape.fields().contains(name)) {
            throw new IllegalStateException("the field " + name + " is not in the declared shape " + shape.fields());
        }
        return members.get(name);
    }

    /** A fault of this field in the words of the document. */
    public PackageException problem(String name, String why, String hint) {
        return document.problem(at(name), why, hint);
    }

    /** Reads a text through the constructor of a type whose own complaint becomes part of the message. */
    public <T> T parsed(String name, Function<String, T> parse) {
        return parse(name, getText(name), parse);
    }

    public <T> Optional<T> findParsed(String name, Function<String, T> parse) {
        return findText(name).map(text -> parse(name, text, parse));
    }

    public <T> List<T> parsedList(String name, Function<String, T> parse) {
        return texts(name).stream().map(text -> parse(name, text, parse)).toList();
    }

    private <T> T parse(String name, String text, Function<String, T> parse) {
        try {
            return parse.apply(text);
        } catch (PackageException bad) {
            throw problem(name, bad.detail(), bad.hint());
        }
    }

    public boolean has(String name) {
        return find(name) != null;
    }

    /** Says which of the fields of this object are there, in the order of the document. */
    public List<String> present() {
        return members.keySet().stream().map(String.class::cast).toList();
    }

    public String getText(String name) {
        return findText(name).orElseThrow(() -> problem(name, "it is missing", "add the field \"" + name + "\""));
    }

    public Optional<String> findText(String name) {
        return switch (find(name)) {
            case null -> Optional.empty();
            case String text when text.isBlank() -> throw problem(name, "it must not be empty", "");
            case String text -> Optional.of(text);
            default -> throw problem(name, "it must be a text", "");
        };
    }

    /** A text or a number, as text: some manifests of the field write versions as numbers. */
    public Optional<String> findTextOrNumber(String name) {
        return switch (find(name)) {
            case String text -> Optional.of(text);
            case JsonNumber number -> Optional.of(number.text());
            case null, default -> Optional.empty();
        };
    }

    /** A text where only a text counts and anything else is as good as missing. */
    public Optional<String> findLenientText(String name) {
        return find(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** True for {@code true} and for the text "true" in any case; false for everything else, as real manifests need it. */
    public boolean lenientFlag(String name) {
        return switch (find(name)) {
            case Boolean flag -> flag;
            case String text -> text.equalsIgnoreCase("true");
            case null, default -> false;
        };
    }

    /** A positive whole number, also as a text or with a percent sign; nothing where it is anything else. */
    public OptionalInt lenientCount(String name) {
        String text = findTextOrNumber(name).orElse("").replace("%", "").strip();
        int dot = text.indexOf('.');
        String whole = dot < 0 ? text : text.substring(0, dot);
        return whole.matches("[0-9]{1,9}") && Integer.parseInt(whole) > 0
                ? OptionalInt.of(Integer.parseInt(whole))
                : OptionalInt.empty();
    }

    /** An object where only an object counts and anything else is as good as missing. */
    public Optional<JsonFields> findLenientObject(String name, JsonShape itemShape) {
        return find(name) instanceof Map<?, ?> object
                ? Optional.of(of(document, at(name), object, itemShape))
                : Optional.empty();
    }

    public boolean getFlag(String name) {
        return switch (find(name)) {
            case Boolean flag -> flag;
            case null -> throw problem(name, "it is missing", "add \"" + name + "\": true or false");
            default -> throw problem(name, "it must be true or false", "");
        };
    }

    public OptionalInt findInt(String name, int min, int max) {
        Object value = find(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        return OptionalInt.of((int) whole(name, value, min, max));
    }

    public long getLong(String name, long min, long max) {
        Object value = find(name);
        if (value == null) {
            throw problem(name, "it is missing", "");
        }
        return whole(name, value, min, max);
    }

    private long whole(String name, Object value, long min, long max) {
        String must = "it must be a whole number from " + min + " to " + max;
        if (!(value instanceof JsonNumber number)) {
            throw problem(name, must, "");
        }
        long parsed;
        try {
            parsed = Long.parseLong(number.text());
        } catch (NumberFormatException notWhole) {
            throw problem(name, must + ", not " + number.text(), "");
        }
        if (parsed < min || parsed > max) {
            throw problem(name, must + ", not " + parsed, "");
        }
        return parsed;
    }

    /** A list of different texts; missing is empty. */
    public List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        int index = 0;
        for (Object item : items(name)) {
            if (!(item instanceof String text) || text.isBlank()) {
                throw document.problem(at(name) + "[" + index + "]", "it must be a text and not empty", "");
            }
            texts.add(text);
            index++;
        }
        return List.copyOf(texts);
    }

    /** As {@link #texts}, and no text may come twice. */
    public List<String> distinctTexts(String name) {
        List<String> texts = texts(name);
        if (new LinkedHashSet<>(texts).size() != texts.size()) {
            throw problem(name, "it contains the same text twice", "");
        }
        return texts;
    }

    public List<JsonFields> objects(String name, JsonShape itemShape) {
        List<JsonFields> objects = new ArrayList<>();
        int index = 0;
        for (Object item : items(name)) {
            objects.add(of(document, at(name) + "[" + index + "]", item, itemShape));
            index++;
        }
        return List.copyOf(objects);
    }

    private List<?> items(String name) {
        return switch (find(name)) {
            case null -> List.of();
            case List<?> items -> items;
            default -> throw problem(name, "it must be a list", "");
        };
    }

    public Optional<JsonFields> findObject(String name, JsonShape itemShape) {
        Object value = find(name);
        return value == null ? Optional.empty() : Optional.of(of(document, at(name), value, itemShape));
    }

    /** An inline JSON object that this module does not interpret, as compact text. */
    public Optional<String> findRawObject(String name) {
        return switch (find(name)) {
            case null -> Optional.empty();
            case Map<?, ?> object -> Optional.of(JsonDocument.write(object));
            default -> throw problem(name, "it must be a JSON object", "");
        };
    }

    /** An object whose names are free and whose values are texts, in the order of the document; missing is empty. */
    public Map<String, String> textEntries(String name) {
        return switch (find(name)) {
            case null -> Map.of();
            case Map<?, ?> object -> {
                Map<String, String> entries = new LinkedHashMap<>();
                object.forEach((key, value) -> {
                    if (!(value instanceof String text)) {
                        throw problem(name, "the value of \"" + key + "\" must be a text", "");
                    }
                    entries.put((String) key, text);
                });
                yield Collections.unmodifiableMap(entries);
            }
            default -> throw problem(name, "it must be a JSON object", "");
        };
    }

    /** A constant of an enum, written in lower case with hyphens. */
    public <E extends Enum<E>> Optional<E> findWord(String name, Class<E> words) {
        return findText(name).map(text -> word(name, text, words));
    }

    public <E extends Enum<E>> E getWord(String name, Class<E> words) {
        return word(name, getText(name), words);
    }

    public <E extends Enum<E>> List<E> words(String name, Class<E> words) {
        return distinctTexts(name).stream().map(text -> word(name, text, words)).toList();
    }

    private <E extends Enum<E>> E word(String name, String text, Class<E> words) {
        List<E> all = Arrays.asList(words.getEnumConstants());
        for (E constant : all) {
            if (spelling(constant).equals(text)) {
                return constant;
            }
        }
        String allowed = all.stream().map(JsonFields::spelling).collect(Collectors.joining(", "));
        var known = new TreeSet<>(all.stream().map(JsonFields::spelling).toList());
        String hint = known.size() > 1 ? Suggestion.among(known, text) : "";
        throw problem(name, "\"" + text + "\" is none of " + allowed, hint);
    }

    /** How an enum constant is written in JSON: {@code NO_SCRIPTS} is "no-scripts". */
    public static String spelling(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** An absolute http or https address. */
    public URI getWebAddress(String name) {
        String text = getText(name);
        try {
            URI uri = new URI(text);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException notAnAddress) {
            throw problem(name, "\"" + text + "\" is no address: " + notAnAddress.getReason(), "");
        }
        throw problem(
                name, "\"" + text + "\" is no http or https address", "write it as http://127.0.0.1:9100/metrics");
    }
}
