package dev.vmext.fleet.alert;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** When a rule is true of a signal. Immutable. */
public sealed interface Condition {
    /** How far back is looked. */
    Duration window();

    /** How a number is compared with the rule's. */
    enum Comparison {
        ABOVE(">"),
        BELOW("<"),
        AT_LEAST(">="),
        AT_MOST("<="),
        EQUAL("=="),
        UNEQUAL("!=");

        private final String sign;

        Comparison(String sign) {
            this.sign = sign;
        }

        public String sign() {
            return sign;
        }

        public static Optional<Comparison> find(String sign) {
            for (Comparison one : values()) {
                if (one.sign.equals(sign.strip().toLowerCase(Locale.ROOT))) {
                    return Optional.of(one);
                }
            }
            return Optional.empty();
        }

        public boolean holds(double value, double limit) {
            return switch (this) {
                case ABOVE -> value > limit;
                case BELOW -> value < limit;
                case AT_LEAST -> value >= limit;
                case AT_MOST -> value <= limit;
                case EQUAL -> value == limit;
                case UNEQUAL -> value != limit;
            };
        }
    }

    /**
     * The newest value.
     *
     * @param window how old it may be
     */
    record Threshold(Comparison comparison, double limit, Duration window) implements Condition {}

    /** By how much it rises per second over the window; a counter that begins anew counts from there. */
    record Rate(Comparison comparison, double limit, Duration window) implements Condition {}

    /**
     * What it will be when it goes on as over the window: the straight line with the least squares. Says nothing before half the window is
     * known.
     */
    record Forecast(Comparison comparison, double limit, Duration window, Duration ahead) implements Condition {}

    /**
     * Nothing was heard for the window of a series that was there before, although its machine is connected. A series that ended as its
     * machine said so is not missing.
     *
     * @param memory how long a series is remembered
     */
    record Absence(Duration window, Duration memory) implements Condition {}
}
