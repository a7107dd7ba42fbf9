package dev.vmext.fleet.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a rule said of one thing, as long as that is remembered.
 *
 * <pre>
 *              true                    true for "lasts"             untrue for "clears", or its
 *   (nothing) ------&gt; PENDING ----------------------&gt; FIRING ------- series or machine is gone -------&gt; RESOLVED
 *       ^                |  untrue                      ^  |                                            |    |
 *       +----------------+                              |  +-- no word of it from a machine that is     |    |
 *       |                                               |      away: stays as it is                     |    |
 *       |                                               +------------------ true again -----------------+    |
 *       +------------------------------------ whoever is to know was told ----------------------------------+
 * </pre>
 *
 * @param since when it came into this phase
 * @param firedAt when it last became an alert; null before that
 * @param heldAt when the rule was last true of it
 * @param seenAt when anything was last known of it
 * @param value the newest value
 * @param told the phase that was last told to those who are told; null for none
 * @param revision of the stored row, 0 for a new one
 */
public record Alert(
        String project,
        AlertKey key,
        Phase phase,
        Instant since,
        @Nullable Instant firedAt,
        Instant heldAt,
        Instant seenAt,
        double value,
        @Nullable Phase told,
        long revision) {

    /** How far it is. */
    public enum Phase {
        PENDING,
        FIRING,
        RESOLVED;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Phase> find(String wire) {
            for (Phase phase : values()) {
                if (phase.wire().equals(wire)) {
                    return Optional.of(phase);
                }
            }
            return Optional.empty();
        }
    }

    static Alert pending(String project, Reading reading, Instant now) {
        return new Alert(project, reading.key(), Phase.PENDING, now, null, now, now, reading.value(), null, 0);
    }

    /** The rule is true of it. */
    Alert held(double newest, Instant now, Duration lasts) {
        Alert seen = seen(newest, now, now);
        return switch (phase) {
            case PENDING -> Duration.between(since, now).compareTo(lasts) >= 0 ? seen.in(Phase.FIRING, now) : seen;
            case FIRING -> seen;
            case RESOLVED -> seen.in(Phase.FIRING, now);
        };
    }

    /** The rule is not true of it; empty when there is nothing to remember. */
    Optional<Alert> cleared(double newest, Instant now, Duration clears) {
        Alert seen = seen(newest, now, heldAt);
        return switch (phase) {
            case PENDING -> Optional.empty();
            case FIRING ->
                Optional.of(Duration.between(heldAt, now).compareTo(clears) >= 0 ? seen.in(Phase.RESOLVED, now) : seen);
            case RESOLVED -> Optional.of(seen);
        };
    }

    /** What it was about is gone for good; empty when there is nothing to remember. */
    Optional<Alert> ended(Instant now) {
        return switch (phase) {
            case PENDING -> Optional.empty();
            case FIRING -> Optional.of(in(Phase.RESOLVED, now));
            case RESOLVED -> Optional.of(this);
        };
    }

    private Alert seen(double newest, Instant now, Instant held) {
        return new Alert(project, key, phase, since, firedAt, held, now, newest, told, revision);
    }

    private Alert in(Phase next, Instant now) {
        Instant fired = next == Phase.FIRING ? now : firedAt;
        return new Alert(project, key, next, now, fired, heldAt, seenAt, value, told, revision);
    }

    /** Those who are told know of its phase. */
    public Alert withToldPhase() {
        return new Alert(project, key, phase, since, firedAt, heldAt, seenAt, value, phase, revision);
    }

    /** For stores: the row as it is after it was written. */
    public Alert stored() {
        return new Alert(project, key, phase, since, firedAt, heldAt, seenAt, value, told, revision + 1);
    }

    /** Whether something about it is still to be told. */
    public boolean untold() {
        return switch (phase) {
            case PENDING -> false;
            case FIRING -> told != Phase.FIRING;
            case RESOLVED -> told == Phase.FIRING;
        };
    }
}
