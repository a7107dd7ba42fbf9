package dev.vmext.fleet;

import dev.vmext.protocol.link.MachineFacts;
import dev.vmext.protocol.problem.Problem;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A machine as the store remembers it.
 *
 * @param trust text of the owner's trust file, null for the control plane's default
 * @param facts what the agent told, empty before
 * @param settingsKey null until the machine has published one
 * @param enrolledAt null until the machine connected with its certificate
 * @param lastSeen flushed now and then, so it lags
 * @param revision of the row it was read from, 0 for one not stored yet
 */
public record Machine(
        String id,
        String project,
        String name,
        String provider,
        Hardware hardware,
        Map<String, String> labels,
        @Nullable String trust,
        Condition condition,
        Map<String, String> facts,
        @Nullable SettingsKey settingsKey,
        GoalPosition goal,
        Instant createdAt,
        @Nullable Instant enrolledAt,
        @Nullable Instant lastSeen,
        long revision) {
    /** What makes or unmakes it. Whether it is online is nobody's memory: the gateway knows. */
    public enum Phase {
        /** Nobody works on it: it was made, or it will come by itself. */
        SETTLED,
        PROVISIONING,
        DELETING
    }

    /**
     * What its provider says.
     *
     * @param message one line for a person
     * @param percent of the step in the message
     * @param problem why it could not be made or started, null when nothing is wrong
     * @param power the provider's word, null for a machine without a provider
     * @param powerWanted whether it should run
     */
    public record Condition(
            Phase phase,
            @Nullable String message,
            @Nullable Integer percent,
            @Nullable Problem problem,
            @Nullable String power,
            boolean powerWanted) {
        public Condition {
            Objects.requireNonNull(phase);
        }

        /** Another phase and line; what there was of progress and problems is over. */
        Condition now(Phase newPhase, @Nullable String newMessage) {
            return new Condition(newPhase, newMessage, null, null, power, powerWanted);
        }

        Condition failed(Problem newProblem) {
            return new Condition(Phase.SETTLED, newProblem.detail(), null, newProblem, power, powerWanted);
        }

        Condition at(String newMessage, @Nullable Integer newPercent) {
            return new Condition(Phase.PROVISIONING, newMessage, newPercent, null, power, powerWanted);
        }

        Condition powered(String newPower) {
            return new Condition(phase, message, percent, problem, newPower, powerWanted);
        }

        Condition wanted(boolean running) {
            return new Condition(phase, message, percent, problem, power, running);
        }
    }

    /** The certificate that protected settings are encrypted for. */
    public record SettingsKey(String thumbprint, String certificatePem) {
        public SettingsKey {
            Objects.requireNonNull(thumbprint);
            Objects.requireNonNull(certificatePem);
        }
    }

    /**
     * How far the goal has come: compiled, handed out, acknowledged.
     *
     * @param generation only grows, and only when {@code digest} changes
     * @param digest of the compiled content
     * @param offered newest generation that may have left for the machine
     * @param applied newest generation the agent acknowledged
     * @param appliedAt when that was, null before the first
     */
    public record GoalPosition(
            long generation,
            String digest,
            long offered,
            long applied,
            @Nullable Instant appliedAt) {
        public static final GoalPosition NONE = new GoalPosition(0, "", 0, 0, null);

        public GoalPosition {
            Objects.requireNonNull(digest);
        }
    }

    public Machine {
        Objects.requireNonNull(id);
        Objects.requireNonNull(project);
        Objects.requireNonNull(name);
        Objects.requireNonNull(provider);
        Objects.requireNonNull(hardware);
        labels = Map.copyOf(labels);
        Objects.requireNonNull(condition);
        facts = Map.copyOf(facts);
        Objects.requireNonNull(goal);
        Objects.requireNonNull(createdAt);
    }

    public boolean deleting() {
        return condition.phase() == Phase.DELETING;
    }

    /** The name of the OpAMP agent of somebody else that runs as this machine: it is shown and never managed. Empty for ours. */
    public Optional<String> foreignAgent() {
        return Optional.ofNullable(facts.get(FactKeys.SERVICE_NAME))
                .filter(name -> !name.equals(MachineFacts.SERVICE_NAME));
    }

    public MachineRecord asRecord() {
        return new MachineRecord(
                id,
                project,
                name,
                provider,
                hardware,
                Optional.ofNullable(trust),
                enrolledAt != null,
                condition.powerWanted(),
                deleting());
    }

    Machine with(Condition changed) {
        return new Machine(
                id,
                project,
                name,
                provider,
                hardware,
                labels,
                trust,
                changed,
                facts,
                settingsKey,
                goal,
                createdAt,
                enrolledAt,
                lastSeen,
                revision);
    }

    Machine with(GoalPosition changed) {
        return new Machine(
                id,
                project,
                name,
                provider,
                hardware,
                labels,
                trust,
                condition,
                facts,
                settingsKey,
                changed,
                createdAt,
                enrolledAt,
                lastSeen,
                revision);
    }

    Machine withSettingsKey(SettingsKey changed) {
        return new Machine(
                id,
                project,
                name,
                provider,
                hardware,
                labels,
                trust,
                condition,
                facts,
                changed,
                goal,
                createdAt,
                enrolledAt,
                lastSeen,
                revision);
    }

    Machine withFacts(Map<String, String> changed) {
        return new Machine(
                id,
                project,
                name,
                provider,
                hardware,
                labels,
                trust,
                condition,
                changed,
                settingsKey,
                goal,
                createdAt,
                enrolledAt,
                lastSeen,
                revision);
    }

    Machine enrolled(Instant at) {
        return new Machine(
                id,
                project,
                name,
                provider,
                hardware,
                labels,
                trust,
                condition,
                facts,
                settingsKey,
                goal,
                createdAt,
                at,
                lastSeen,
                revision);
    }

    /** For stores: the row as it is after a write, or with a newer last-seen time. */
    public Machine stored(@Nullable Instant seen, long newRevision) {
        return new Machine(
                id,
                project,
                name,
                provider,
                hardware,
                labels,
                trust,
                condition,
                facts,
                settingsKey,
                goal,
                createdAt,
                enrolledAt,
                seen,
                newRevision);
    }
}
