package dev.vmext.agent.run;

import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The ways in which a status changes. Pure. */
final class Statuses {
    private Statuses() {}

    static InstallationStatus generation(InstallationStatus old, long generation) {
        return copy(old, old.state(), generation, old.sequence(), old.healthy(), old.cause(), old.since(), old.at());
    }

    /** A new target: whatever was known about the old one says nothing about it. */
    static InstallationStatus restarted(InstallationStatus old, long generation, long sequence, Instant now) {
        InstallationStatus fresh = copy(old, InstallationState.PENDING, generation, sequence, false, null, now, now);
        return attempt(fresh, 1);
    }

    /** Goes to a state; being there already is no change. */
    static InstallationStatus moved(InstallationStatus old, InstallationState state, Instant now) {
        boolean same = old.state() == state;
        return copy(
                old,
                state,
                old.generation(),
                old.sequence(),
                same && old.healthy(),
                same ? old.cause() : null,
                same ? old.since() : now,
                now);
    }

    /** Goes to a state that has a cause. */
    static InstallationStatus waiting(InstallationStatus old, InstallationState state, Cause cause, Instant now) {
        return copy(
                old,
                state,
                old.generation(),
                old.sequence(),
                false,
                cause,
                old.state() == state ? old.since() : now,
                now);
    }

    static InstallationStatus health(InstallationStatus old, boolean healthy, @Nullable Cause cause, Instant now) {
        boolean same = old.healthy() == healthy && Objects.equals(old.cause(), cause);
        return same ? old : copy(old, old.state(), old.generation(), old.sequence(), healthy, cause, old.since(), now);
    }

    static InstallationStatus removed(InstallationStatus old, Instant now) {
        return new InstallationStatus(
                old.name(),
                old.extension(),
                null,
                InstallationState.REMOVED,
                old.generation(),
                old.sequence(),
                false,
                null,
                null,
                old.output(),
                old.exitCode(),
                old.attempt(),
                now,
                now,
                old.detail());
    }

    private static InstallationStatus copy(
            InstallationStatus old,
            InstallationState state,
            long generation,
            long sequence,
            boolean healthy,
            @Nullable Cause cause,
            Instant since,
            Instant at) {
        return new InstallationStatus(
                old.name(),
                old.extension(),
                old.version(),
                state,
                generation,
                sequence,
                healthy,
                cause,
                old.status(),
                old.output(),
                old.exitCode(),
                old.attempt(),
                since,
                at,
                old.detail());
    }

    static InstallationStatus version(InstallationStatus old, @Nullable String version) {
        return new InstallationStatus(
                old.name(),
                old.extension(),
                version,
                old.state(),
                old.generation(),
                old.sequence(),
                old.healthy(),
                old.cause(),
                old.status(),
                old.output(),
                old.exitCode(),
                old.attempt(),
                old.since(),
                old.at(),
                old.detail());
    }

    static InstallationStatus attempt(InstallationStatus old, int attempt) {
        return new InstallationStatus(
                old.name(),
                old.extension(),
                old.version(),
                old.state(),
                old.generation(),
                old.sequence(),
                old.healthy(),
                old.cause(),
                old.status(),
                old.output(),
                old.exitCode(),
                attempt,
                old.since(),
                old.at(),
                old.detail());
    }

    static InstallationStatus handler(InstallationStatus old, @Nullable HandlerStatus handler) {
        return new InstallationStatus(
                old.name(),
                old.extension(),
                old.version(),
                old.state(),
                old.generation(),
                old.sequence(),
                old.healthy(),
                old.cause(),
                handler,
                old.output(),
                old.exitCode(),
                old.attempt(),
                old.since(),
                old.at(),
                old.detail());
    }

    /** A command ended: its output and exit code replace those of the command before it. */
    static InstallationStatus output(InstallationStatus old, @Nullable Integer exitCode, String output, Instant now) {
        return new InstallationStatus(
                old.name(),
                old.extension(),
                old.version(),
                old.state(),
                old.generation(),
                old.sequence(),
                old.healthy(),
                old.cause(),
                old.status(),
                output,
                exitCode,
                old.attempt(),
                old.since(),
                now,
                old.detail());
    }
}
