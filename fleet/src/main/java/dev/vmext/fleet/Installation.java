package dev.vmext.fleet;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Order.Kind;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An installation as the store remembers it: what is wanted, what the goal says about it, what was observed.
 *
 * @param machine the machine's name, which never changes; likewise its project
 * @param observed the newest status, null before the first
 * @param observedSince when its state was first reported, by the control plane's clock
 * @param revision of the row it was read from, 0 for one not stored yet
 */
public record Installation(
        String machineId,
        String project,
        String machine,
        String name,
        Want want,
        Settings settings,
        Placement placement,
        @Nullable InstallationStatus observed,
        @Nullable Instant observedSince,
        Instant createdAt,
        Instant changedAt,
        long revision) {

    /**
     * What was asked for, resolved.
     *
     * @param constraint as asked for, {@code *} for any version
     * @param after as asked for; what the extension's own dependencies add is in the goal only
     * @param sequence starts at 0 and rises by one when settings or protected settings change, on a rerun, and when an installation
     *     that was being removed is wanted again. A mere change of version or order does not raise it: the contract's update
     *     commands handle a version, and a handler that compares sequence numbers must not repeat its work for it
     * @param conditions under which it is carried out
     */
    public record Want(
            String extension,
            String constraint,
            String version,
            Digest digest,
            Presence presence,
            List<String> after,
            long sequence,
            Conditions conditions) {
        public Want {
            Objects.requireNonNull(extension);
            Objects.requireNonNull(constraint);
            Objects.requireNonNull(version);
            Objects.requireNonNull(digest);
            Objects.requireNonNull(presence);
            after = List.copyOf(after);
            Objects.requireNonNull(conditions);
        }

        /** What the machine has of it then is another thing, so an order about it before says nothing about it now. */
        Want absent() {
            return new Want(
                    extension, constraint, version, digest, Presence.ABSENT, after, sequence, conditions.anew(null));
        }

        Want at(String newVersion, Digest newDigest) {
            return new Want(
                    extension, constraint, newVersion, newDigest, presence, after, sequence, conditions.anew(null));
        }

        Want without(String first) {
            return new Want(
                    extension,
                    constraint,
                    version,
                    digest,
                    presence,
                    after.stream().filter(name -> !name.equals(first)).toList(),
                    sequence,
                    conditions);
        }

        Want with(Conditions changed) {
            return new Want(extension, constraint, version, digest, presence, after, sequence, changed);
        }

        /** Whether carrying out one has carried out the other. */
        boolean sameTarget(Want other) {
            return digest.equals(other.digest) && presence == other.presence && sequence == other.sequence;
        }
    }

    /**
     * Under which conditions it is carried out. Changing them makes no new target.
     *
     * @param orders number of the newest order that was ever given, 0 before the first
     * @param order the newest order, null when there was none for this target
     * @param orderedAt when it was given
     * @param deadlines by handler command, whole seconds
     * @param expiresAt when it is given up if the machine has not acknowledged it, null for never
     */
    public record Conditions(
            long orders,
            @Nullable Kind order,
            @Nullable Instant orderedAt,
            Map<String, Duration> deadlines,
            @Nullable Instant expiresAt) {
        public static final Conditions NONE = new Conditions(0, null, null, Map.of(), null);

        public Conditions {
            deadlines = Map.copyOf(deadlines);
        }

        @Nullable Order asOrder() {
            return order == null ? null : new Order(orders, order);
        }

        Conditions ordered(Order.Kind kind, Instant now) {
            return new Conditions(Math.max(orders + 1, now.toEpochMilli()), kind, now, deadlines, expiresAt);
        }

        /** For a new target. */
        Conditions anew(@Nullable Instant newExpiresAt) {
            return new Conditions(orders, null, null, deadlines, newExpiresAt);
        }

        Conditions expiring(@Nullable Instant newExpiresAt) {
            return new Conditions(orders, order, orderedAt, deadlines, newExpiresAt);
        }

        Conditions with(Map<String, Duration> newDeadlines) {
            return new Conditions(orders, order, orderedAt, newDeadlines, expiresAt);
        }
    }

    /**
     * Settings of one settings version.
     *
     * @param id new whenever settings or protected settings change
     * @param publicText JSON object with sorted keys
     * @param protectedKeys top-level names, sorted
     * @param sealed null without protected settings
     */
    public record Settings(
            String id,
            String publicText,
            List<String> protectedKeys,
            @Nullable SealedSettings sealed) {
        public Settings {
            Objects.requireNonNull(id);
            Objects.requireNonNull(publicText);
            protectedKeys = List.copyOf(protectedKeys);
        }
    }

    /**
     * Its place in the machine's goal; only the goal compiler writes it.
     *
     * @param line what the goal says, null while it is held back
     * @param settingsId the settings version of the line
     * @param position in the goal's order
     * @param entered generation in which it came into the goal, 0 while it is not there
     * @param changed generation in which the machine was last given something to do for it
     * @param changedAt when that was
     * @param ordered generation in which the newest order came into the goal, 0 without one
     * @param hold why the newest wish is not in the goal, null when it is
     */
    public record Placement(
            @Nullable InstallationGoal line,
            String settingsId,
            int position,
            long entered,
            long changed,
            Instant changedAt,
            long ordered,
            @Nullable Hold hold) {
        public Placement {
            Objects.requireNonNull(settingsId);
            Objects.requireNonNull(changedAt);
        }

        static Placement outside(Instant now) {
            return new Placement(null, "", 0, 0, 0, now, 0, null);
        }
    }

    /** What keeps an installation out of the goal, as its state and cause. */
    public record Hold(InstallationState state, Cause cause) {
        public Hold {
            Objects.requireNonNull(state);
            Objects.requireNonNull(cause);
        }
    }

    public Installation {
        Objects.requireNonNull(machineId);
        Objects.requireNonNull(project);
        Objects.requireNonNull(machine);
        Objects.requireNonNull(name);
        Objects.requireNonNull(want);
        Objects.requireNonNull(settings);
        Objects.requireNonNull(placement);
        Objects.requireNonNull(createdAt);
        Objects.requireNonNull(changedAt);
    }

    public boolean present() {
        return want.presence() == Presence.PRESENT;
    }

    /** Whether the machine said that it is ready with the newest settings. */
    boolean settingsAtWork() {
        return observed != null
                && observed.state() == InstallationState.READY
                && observed.sequence() >= want.sequence();
    }

    /** Whether a goal with it may have reached the machine; then only the machine can say that it is gone. */
    boolean offered(Machine on) {
        return placement.entered() > 0 && placement.entered() <= on.goal().offered();
    }

    /**
     * Whether the machine may have it: it was offered, or it was there before anybody wanted it here. What its owner took away, as the
     * machine's last word says, is not there whatever was offered.
     */
    boolean mayBeOn(Machine on) {
        boolean takenAway = observed != null
                && observed.state() == InstallationState.REMOVED
                && observed.generation() >= placement.changed();
        return !takenAway && (offered(on) || observed != null);
    }

    Installation with(Want changed, Instant now) {
        return new Installation(
                machineId,
                project,
                machine,
                name,
                changed,
                settings,
                placement,
                observed,
                observedSince,
                createdAt,
                now,
                revision);
    }

    Installation with(Want changed, Settings changedSettings, Instant now) {
        return new Installation(
                machineId,
                project,
                machine,
                name,
                changed,
                changedSettings,
                placement,
                observed,
                observedSince,
                createdAt,
                now,
                revision);
    }

    Installation with(Placement changed) {
        return new Installation(
                machineId,
                project,
                machine,
                name,
                want,
                settings,
                changed,
                observed,
                observedSince,
                createdAt,
                changedAt,
                revision);
    }

    Installation with(InstallationStatus status, Instant now) {
        boolean same = observed != null
                && observed.state() == status.state()
                && observed.generation() == status.generation()
                && observed.attempt() == status.attempt();
        return new Installation(
                machineId,
                project,
                machine,
                name,
                want,
                settings,
                placement,
                status,
                same ? observedSince : now,
                createdAt,
                changedAt,
                revision);
    }

    /** For stores: the row as it is after a write. */
    public Installation stored(long newRevision) {
        return new Installation(
                machineId,
                project,
                machine,
                name,
                want,
                settings,
                placement,
                observed,
                observedSince,
                createdAt,
                changedAt,
                newRevision);
    }
}
