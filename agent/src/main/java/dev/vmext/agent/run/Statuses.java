package dev.vmext.agent.run;

import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.status.Attempted;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusDetail;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The ways in which a status changes. Pure. */
final class Statuses {
    private Statuses() {}

    static InstallationStatus first(InstallationGoal goal, long generation, Instant now) {
        return new InstallationStatus(
                goal.name(),
                goal.extension(),
                null,
                InstallationState.PENDING,
                generation,
                goal.sequence(),
                false,
                null,
                null,
                "",
                null,
                1,
                now,
                now);
    }

    static InstallationStatus generation(InstallationStatus old, long generation) {
        Draft draft = new Draft(old);
        draft.generation = generation;
        return draft.done();
    }

    /** A new target: whatever was known about the old one says nothing about it. */
    static InstallationStatus restarted(InstallationStatus old, long generation, long sequence, Instant now) {
        Draft draft = new Draft(old);
        draft.generation = generation;
        draft.sequence = sequence;
        draft.state = InstallationState.PENDING;
        draft.healthy = false;
        draft.cause = null;
        draft.attempt = 1;
        draft.since = now;
        draft.at = now;
        return draft.done();
    }

    /** The same target from the start. */
    static InstallationStatus restarted(InstallationStatus old, Instant now) {
        return restarted(old, old.generation(), old.sequence(), now);
    }

    /** Goes to a state; being there already is no change. */
    static InstallationStatus moved(InstallationStatus old, InstallationState state, Instant now) {
        Draft draft = new Draft(old);
        if (old.state() != state) {
            draft.state = state;
            draft.healthy = false;
            draft.cause = null;
            draft.since = now;
        }
        draft.at = now;
        return draft.done();
    }

    /** Goes to a state that has a cause. */
    static InstallationStatus waiting(InstallationStatus old, InstallationState state, Cause cause, Instant now) {
        Draft draft = new Draft(old);
        draft.since = old.state() == state ? old.since() : now;
        draft.state = state;
        draft.healthy = false;
        draft.cause = cause;
        draft.at = now;
        return draft.done();
    }

    static InstallationStatus health(InstallationStatus old, boolean healthy, @Nullable Cause cause, Instant now) {
        if (old.healthy() == healthy && Objects.equals(old.cause(), cause)) {
            return old;
        }
        Draft draft = new Draft(old);
        draft.healthy = healthy;
        draft.cause = cause;
        draft.at = now;
        return draft.done();
    }

    /** Nothing of it is left; the cause says who wanted that if it was not the goal. */
    static InstallationStatus removed(InstallationStatus old, @Nullable Cause cause, Instant now) {
        Draft draft = new Draft(old);
        draft.version = null;
        draft.state = InstallationState.REMOVED;
        draft.healthy = false;
        draft.cause = cause;
        draft.handler = null;
        draft.since = now;
        draft.at = now;
        return draft.done();
    }

    /** Nothing of it is left and it begins again; the text says what happened on the way. */
    static InstallationStatus fresh(InstallationStatus old, String told, Instant now) {
        Draft draft = new Draft(restarted(old, now));
        draft.version = null;
        draft.handler = null;
        draft.output = told;
        draft.exitCode = null;
        draft.detail = StatusDetail.NONE;
        return draft.done();
    }

    static InstallationStatus attempt(InstallationStatus old, int attempt) {
        Draft draft = new Draft(old);
        draft.attempt = attempt;
        return draft.done();
    }

    static InstallationStatus attempted(InstallationStatus old, @Nullable Attempted attempted) {
        return old.with(old.detail().with(attempted));
    }

    static InstallationStatus handler(InstallationStatus old, @Nullable HandlerStatus handler) {
        Draft draft = new Draft(old);
        draft.handler = handler;
        return draft.done();
    }

    /** A command ended: its output and exit code replace those of the command before it. */
    static InstallationStatus output(InstallationStatus old, @Nullable Integer exitCode, String output, Instant now) {
        Draft draft = new Draft(old);
        draft.output = output;
        draft.exitCode = exitCode;
        draft.at = now;
        return draft.done();
    }

    /** A status in the making. */
    private static final class Draft {
        private final InstallationStatus old;
        private @Nullable String version;
        private InstallationState state;
        private long generation;
        private long sequence;
        private boolean healthy;
        private @Nullable Cause cause;
        private @Nullable HandlerStatus handler;
        private String output;
        private @Nullable Integer exitCode;
        private int attempt;
        private Instant since;
        private Instant at;
        private StatusDetail detail;

        private Draft(InstallationStatus old) {
            this.old = old;
            this.version = old.version();
            this.state = old.state();
            this.generation = old.generation();
            this.sequence = old.sequence();
            this.healthy = old.healthy();
            this.cause = old.cause();
            this.handler = old.status();
            this.output = old.output();
            this.exitCode = old.exitCode();
            this.attempt = old.attempt();
            this.since = old.since();
            this.at = old.at();
            this.detail = old.detail();
        }

        private InstallationStatus done() {
            return new InstallationStatus(
                    old.name(),
                    old.extension(),
                    version,
                    state,
                    generation,
                    sequence,
                    healthy,
                    cause,
                    handler,
                    output,
                    exitCode,
                    attempt,
                    since,
                    at,
                    detail);
        }
    }
}
