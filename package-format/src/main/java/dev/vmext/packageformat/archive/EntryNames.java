package dev.vmext.packageformat.archive;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Checks the entry names of one package, one after the other: each must stay inside the target folder on every system and
 * must not meet another one, not even in other letters. Used by one thread for one package.
 */
final class EntryNames {
    private static final int MAX_SEGMENT_BYTES = 255;

    private final int maxLength;
    /** By its folded form: how a path was written first, with a slash at the end for folders. */
    private final Map<String, String> seen = new HashMap<>();
    /** Names that had an entry of their own; a folder may also appear as the parent of files. */
    private final Set<String> explicit = new HashSet<>();

    EntryNames(int maxLength) {
        this.maxLength = maxLength;
    }

    /** Takes the next name; folders end with a slash. */
    void add(String name) {
        boolean directory = name.endsWith("/");
        String path = directory ? name.substring(0, name.length() - 1) : name;
        check(name, path);
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            String parent = path.substring(0, slash + 1);
            String before = seen.putIfAbsent(folded(path.substring(0, slash)), parent);
            if (before != null && !before.equals(parent)) {
                throw clash(name, before);
            }
        }
        String own = directory ? path + "/" : path;
        if (!explicit.add(own)) {
            throw unsafe(name, "it is there twice");
        }
        String before = seen.putIfAbsent(folded(path), own);
        if (before != null && !before.equals(own)) {
            throw clash(name, before);
        }
    }

    private void check(String name, String path) {
        if (path.getBytes(StandardCharsets.UTF_8).length > maxLength) {
            throw new PackageException(
                    PackageProblem.LIMIT_EXCEEDED,
                    "cannot accept entry " + shown(name) + ": its name is longer than " + maxLength + " bytes",
                    "");
        }
        if (path.isEmpty()) {
            throw unsafe(name, "its name is empty");
        }
        if (name.startsWith("/")) {
            throw unsafe(name, "its name is absolute");
        }
        if (name.indexOf('\\') >= 0) {
            throw unsafe(name, "its name contains a backslash");
        }
        if (path.length() >= 2 && path.charAt(1) == ':' && Character.isLetter(path.charAt(0))) {
            throw unsafe(name, "its name starts with a drive letter");
        }
        name.codePoints().filter(EntryNames::isInvisible).findFirst().ifPresent(point -> {
            throw unsafe(name, String.format(Locale.ROOT, "its name contains the control character U+%04X", point));
        });
        for (String segment : path.split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                throw unsafe(name, "its name contains the part \"" + segment + "\"");
            }
            if (segment.getBytes(StandardCharsets.UTF_8).length > MAX_SEGMENT_BYTES) {
                throw unsafe(name, "a part of its name is longer than " + MAX_SEGMENT_BYTES + " bytes");
            }
        }
    }

    private static boolean isInvisible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }

    /** Equal for names that some file system takes for one: other case, other composition of accents. */
    private static String folded(String path) {
        String upper = Normalizer.normalize(path, Normalizer.Form.NFKC).toUpperCase(Locale.ROOT);
        return Normalizer.normalize(upper.toLowerCase(Locale.ROOT), Normalizer.Form.NFKC);
    }

    private static PackageException clash(String name, String before) {
        return unsafe(name, "it clashes with " + shown(before));
    }

    private static PackageException unsafe(String name, String why) {
        return new PackageException(
                PackageProblem.UNSAFE_ENTRY,
                "cannot accept entry " + shown(name) + ": " + why,
                "pack the extension with \"vmext extension pack\"");
    }

    /** A name from outside, made harmless for a terminal and a log. */
    static String shown(String name) {
        StringBuilder text = new StringBuilder("\"");
        name.codePoints().limit(100).forEach(point -> text.appendCodePoint(isInvisible(point) ? '?' : point));
        return text.append(name.length() > 100 ? "...\"" : "\"").toString();
    }
}
