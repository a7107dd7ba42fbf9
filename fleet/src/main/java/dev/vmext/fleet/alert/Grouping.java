package dev.vmext.fleet.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Who is told what, and when: all alerts of a rule together, half a minute after the first of them, and then at most every five minutes, so
 * that a network that goes down is one message and not a thousand. Works on what is remembered of alerts, so a restart loses no message.
 * Pure.
 */
public final class Grouping {
    /** What comes up meanwhile travels along. */
    public static final Duration WAIT = Duration.ofSeconds(30);
    /** Between two messages of one rule. */
    public static final Duration INTERVAL = Duration.ofMinutes(5);

    private Grouping() {}

    /**
     * The messages that are due.
     *
     * @param alerts of one project
     * @param silenced alerts of which nobody is told now; told later, if they still are when the silence ends
     * @param lastTold when each rule's last message was made; a rule that is not there never told anything
     */
    public static List<AlertNotice> due(
            String project, List<Alert> alerts, Predicate<Alert> silenced, Map<String, Instant> lastTold, Instant now) {
        Map<String, List<Alert>> byRule = new TreeMap<>();
        for (Alert alert : alerts) {
            if (!silenced.test(alert)) {
                byRule.computeIfAbsent(alert.key().rule(), rule -> new ArrayList<>())
                        .add(alert);
            }
        }
        List<AlertNotice> notices = new ArrayList<>();
        byRule.forEach((rule, all) -> notice(project, rule, all, Optional.ofNullable(lastTold.get(rule)), now)
                .ifPresent(notices::add));
        return notices;
    }

    private static Optional<AlertNotice> notice(
            String project, String rule, List<Alert> all, Optional<Instant> last, Instant now) {
        List<Alert> untold = all.stream().filter(Alert::untold).toList();
        boolean waited =
                untold.stream().anyMatch(alert -> !alert.since().plus(WAIT).isAfter(now));
        boolean tooSoon = last.filter(at -> at.plus(INTERVAL).isAfter(now)).isPresent();
        if (!waited || tooSoon) {
            return Optional.empty();
        }
        return Optional.of(new AlertNotice(
                project,
                rule,
                untold.stream()
                        .filter(alert -> alert.phase() == Alert.Phase.FIRING)
                        .toList(),
                untold.stream()
                        .filter(alert -> alert.phase() == Alert.Phase.RESOLVED)
                        .toList(),
                all.stream()
                        .filter(alert -> alert.phase() == Alert.Phase.FIRING && !alert.untold())
                        .toList()));
    }
}
