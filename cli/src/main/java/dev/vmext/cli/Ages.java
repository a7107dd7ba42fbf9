package dev.vmext.cli;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Times as people say them. */
final class Ages {
    private Ages() {}

    /** How long ago, for example {@code 12s}, {@code 5m}, {@code 3h}, {@code 9d}; a dash when it never was. */
    static String ago(@Nullable Instant then, Instant now) {
        return then == null ? "-" : length(Duration.between(then, now));
    }

    static String length(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 2 * 3600) {
            return seconds / 60 + "m";
        }
        if (seconds < 2 * 86400) {
            return seconds / 3600 + "h";
        }
        return seconds / 86400 + "d";
    }

    /** Reads {@code 90}, {@code 90s}, {@code 15m}, {@code 2h}, {@code 7d}. */
    static Duration parse(String text) {
        String digits = text;
        long unit = 1;
        if (!text.isEmpty() && !Character.isDigit(text.charAt(text.length() - 1))) {
            digits = text.substring(0, text.length() - 1);
            unit = switch (text.charAt(text.length() - 1)) {
                case 's' -> 1;
                case 'm' -> 60;
                case 'h' -> 3600;
                case 'd' -> 86400;
                default -> 0;
            };
        }
        try {
            long seconds = Math.multiplyExact(Long.parseLong(digits), unit);
            if (seconds > 0) {
                return Duration.ofSeconds(seconds);
            }
        } catch (NumberFormatException | ArithmeticException e) {
            // The message below covers every wrong form alike.
        }
        throw new IllegalArgumentException("not a length of time such as 90s, 15m, 2h or 7d: '" + text + "'");
    }
}
