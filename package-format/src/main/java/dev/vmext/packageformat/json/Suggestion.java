package dev.vmext.packageformat.json;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/** Finds the word somebody probably meant. */
final class Suggestion {
    private Suggestion() {}

    static String among(Collection<String> known, String given) {
        Optional<String> nearest = nearest(known, given);
        return nearest.map(word -> "did you mean \"" + word + "\"?")
                .orElseGet(() -> "known are: " + String.join(", ", new TreeSet<>(known)));
    }

    private static Optional<String> nearest(Collection<String> known, String given) {
        // A name that came from outside may be long; the distance costs length times length.
        if (given.length() > 64) {
            return Optional.empty();
        }
        String best = null;
        int bestDistance = Math.max(2, given.length() / 3) + 1;
        for (String word : new TreeSet<>(known)) {
            int distance = distance(word.toLowerCase(Locale.ROOT), given.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                best = word;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Levenshtein distance: how many letters must be put in, taken out or changed. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
