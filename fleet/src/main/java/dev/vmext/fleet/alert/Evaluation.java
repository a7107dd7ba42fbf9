package dev.vmext.fleet.alert;

import dev.vmext.fleet.alert.Alert.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One look at one rule: what changed. Pure, so a look that is repeated after a crash comes to the same.
 *
 * @param put alerts to be remembered
 * @param gone alerts that are forgotten
 * @param fired those that became alerts by this look
 * @param resolved those that ceased to be alerts by this look
 */
public record Evaluation(List<Alert> put, List<Alert> gone, List<Alert> fired, List<Alert> resolved) {
    /** A series that a connected machine has not mentioned for so many windows is gone; never before a quarter of an hour. */
    private static final int WINDOWS_OF_SILENCE = 3;

    private static final Duration LEAST_SILENCE = Duration.ofMinutes(15);

    public Evaluation {
        put = List.copyOf(put);
        gone = List.copyOf(gone);
        fired = List.copyOf(fired);
        resolved = List.copyOf(resolved);
    }

    /** Whether nothing changed. */
    public boolean isNothing() {
        return put.isEmpty() && gone.isEmpty() && fired.isEmpty() && resolved.isEmpty();
    }

    /** What is known of machines at the time of a look. */
    public interface Machines {
        /** Whether there is a machine of that id, and the rule is about it. */
        boolean concerned(AlertRule rule, String machineId);

        /** Whether it is connected, so that its silence means something. */
        boolean online(String machineId);
    }

    /**
     * Looks at a rule.
     *
     * @param before what is remembered of this rule in this project
     */
    public static Evaluation of(
            AlertRule rule, String project, List<Alert> before, MetricSource source, Machines machines, Instant now) {
        Map<AlertKey, Alert> known = new HashMap<>();
        before.forEach(alert -> known.put(alert.key(), alert));
        Changes changes = new Changes();
        if (rule.enabled()) {
            Predicate<Reading> counts = counts(rule, machines);
            for (Reading reading : Measure.look(rule, project, source, now)) {
                if (counts.test(reading)) {
                    Alert old = known.remove(reading.key());
                    Optional<Alert> next = next(rule, project, old, reading, now);
                    changes.settle(old, next);
                }
            }
        }
        Ends ends = new Ends(rule, project, source, now, patience(rule));
        for (Alert silent : known.values()) {
            boolean over = !rule.enabled()
                    || !machines.concerned(rule, silent.key().machineId())
                    || (machines.online(silent.key().machineId())
                            && silent.seenAt().plus(patience(rule)).isBefore(now));
            if (over || silent.phase() == Phase.RESOLVED) {
                changes.settle(silent, silent.ended(now));
            } else if (ends.has(silent.key())) {
                changes.settle(silent, silent.cleared(silent.value(), now, rule.clears()));
            }
        }
        return new Evaluation(changes.put, changes.gone, changes.fired, changes.resolved);
    }

    /** The silence of a machine that is away is no news of its own: another rule tells that. */
    private static Predicate<Reading> counts(AlertRule rule, Machines machines) {
        boolean absence = rule.condition() instanceof Condition.Absence;
        return reading -> machines.concerned(rule, reading.key().machineId())
                && (!absence
                        || !reading.holds()
                        || machines.online(reading.key().machineId()));
    }

    private static Optional<Alert> next(
            AlertRule rule, String project, @Nullable Alert old, Reading reading, Instant now) {
        if (reading.holds()) {
            Alert was = old == null ? Alert.pending(project, reading, now) : old;
            return Optional.of(was.held(reading.value(), now, rule.lasts()));
        }
        return old == null ? Optional.empty() : old.cleared(reading.value(), now, rule.clears());
    }

    private static Duration patience(AlertRule rule) {
        Duration windows = rule.condition().window().multipliedBy(WINDOWS_OF_SILENCE);
        return windows.compareTo(LEAST_SILENCE) > 0 ? windows : LEAST_SILENCE;
    }

    /** Collects what one look changes. */
    private static final class Changes {
        private final List<Alert> put = new ArrayList<>();
        private final List<Alert> gone = new ArrayList<>();
        private final List<Alert> fired = new ArrayList<>();
        private final List<Alert> resolved = new ArrayList<>();

        void settle(@Nullable Alert old, Optional<Alert> next) {
            boolean fires = next.filter(alert -> alert.phase() == Phase.FIRING).isPresent();
            boolean fired = old != null && old.phase() == Phase.FIRING;
            if (fires && !fired) {
                this.fired.add(next.get());
            } else if (fired && !fires) {
                resolved.add(next.orElse(old));
            }
            // What is over and was told, or never was, is forgotten.
            boolean over = next.filter(alert -> alert.phase() != Phase.RESOLVED || alert.untold())
                    .isEmpty();
            if (over && old != null && old.revision() > 0) {
                gone.add(old);
            } else if (!over && !next.get().equals(old)) {
                put.add(next.get());
            }
        }
    }
}
