package dev.vmext.fleet.alert;

import dev.vmext.packageformat.manifest.Severity;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One rule of a project.
 *
 * @param name unique in the project
 * @param summary what it means, in one line for whoever is told; {@code {label}}, {@code {machine}} and {@code {value}} are filled in
 * @param hint what to do about it; may be empty
 * @param machines the rule is about machines that have these labels; empty for all
 * @param lasts for how long it must be true before it is an alert
 * @param clears for how long it must be untrue before the alert is over
 */
public record AlertRule(
        String name,
        String summary,
        String hint,
        Severity severity,
        Map<String, String> machines,
        Signal signal,
        Condition condition,
        Duration lasts,
        Duration clears,
        boolean enabled) {
    public static final Duration LONGEST = Duration.ofDays(7);
    public static final Duration FARTHEST = Duration.ofDays(90);

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final int LONGEST_TEXT = 500;

    /** Throws IllegalArgumentException with what is wrong, to be read after "cannot use the rule: ". */
    public AlertRule {
        machines = Map.copyOf(machines);
        require(NAME.matcher(name).matches(), "its name must have lower-case letters, digits and -, at most 63");
        require(!summary.isBlank(), "it has no summary");
        require(
                summary.length() <= LONGEST_TEXT && hint.length() <= LONGEST_TEXT,
                "its texts have at most 500 characters");
        within("lasts", lasts, true, LONGEST);
        within("clears", clears, true, LONGEST);
        within("window", condition.window(), false, LONGEST);
        switch (condition) {
            case Condition.Threshold threshold -> finite(threshold.limit());
            case Condition.Rate rate -> finite(rate.limit());
            case Condition.Forecast forecast -> {
                finite(forecast.limit());
                within("ahead", forecast.ahead(), false, FARTHEST);
            }
            case Condition.Absence absence -> {
                within("memory", absence.memory(), false, LONGEST);
                require(absence.memory().compareTo(absence.window()) > 0, "its memory must be longer than its window");
                require(signal.dividedBy() == null, "an absence looks at one metric, not at a quotient");
                require(
                        signal.combine() == Signal.Combine.EACH,
                        "an absence looks at each series, not at a combination");
            }
        }
    }

    private static void finite(double limit) {
        require(Double.isFinite(limit), "its limit must be a number");
    }

    private static void within(String what, Duration time, boolean orZero, Duration most) {
        boolean tooShort = orZero ? time.isNegative() : time.compareTo(Duration.ofSeconds(1)) < 0;
        require(
                !tooShort && time.compareTo(most) <= 0,
                what + " must be from " + (orZero ? 0 : 1) + " to " + most.toSeconds() + " seconds");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** The same rule, on or off. */
    public AlertRule enabled(boolean on) {
        return new AlertRule(name, summary, hint, severity, machines, signal, condition, lasts, clears, on);
    }

    /** Whether it is about a machine with these labels. */
    public boolean isAbout(Map<String, String> labels) {
        return machines.entrySet().stream().allMatch(label -> label.getValue().equals(labels.get(label.getKey())));
    }
}
