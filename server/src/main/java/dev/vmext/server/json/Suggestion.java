package dev.vmext.server.json;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that was probably meant. */
public final class Suggestion {
    private Suggestion() {}

    /** The known name with the fewest typing errors between, when that is few enough to be no coincidence. */
    public static Optional<String> nearest(String typed, Collection<String> known) {
        String nearest = null;
        int best = Math.max(1, typed.length() / 3) + 1;
        for (String name : known) {
            int distance = distance(typed.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < best) {
                best = distance;
                nearest = name;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** A sentence for the hint: the nearest name, or all that are allowed. */
    public static String sentence(String typed, Collection<String> known) {
        return nearest(typed, known)
                .map(name -> "Did you mean \"" + name + "\"?")
                .orElseGet(() -> known.isEmpty()
                        ? "No names are allowed there."
                        : "Allowed are: "
                                + String.join(", ", known.stream().sorted().toList()) + ".");
    }

    /** How many letters must be put in, taken out, changed or swapped with the next; on names that are short. */
    private static int distance(String a, String b) {
        if (a.length() > 100 || b.length() > 100) {
            return Integer.MAX_VALUE;
        }
        int[][] rows = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    rows[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int best = Math.min(rows[i - 1][j - 1] + change, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                rows[i][j] = swapped ? Math.min(best, rows[i - 2][j - 2] + 1) : best;
            }
        }
        return rows[a.length()][b.length()];
    }
}
