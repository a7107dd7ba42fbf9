package dev.vmext.fleet;

import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.status.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One run-once command of one machine, as it is remembered.
 *
 * @param createdBy subject of who asked
 * @param expiresAt when a machine that did not take it does not get it any more
 * @param revision see {@link FleetChange}
 */
public record Command(
        String id,
        String machineId,
        String project,
        String machine,
        Request request,
        String createdBy,
        Instant createdAt,
        Instant expiresAt,
        Progress progress,
        long revision) {
    public Command {
        Objects.requireNonNull(id);
        Objects.requireNonNull(machineId);
        Objects.requireNonNull(request);
        Objects.requireNonNull(progress);
    }

    /**
     * What was asked for.
     *
     * @param script empty as soon as the machine has it or nobody needs it: it may hold secrets
     * @param digest {@code sha256:<hex>} of the script
     */
    public record Request(
            String script,
            String digest,
            String interpreter,
            @Nullable String user,
            String folder,
            Duration timeout) {
        Request withoutScript() {
            return new Request("", digest, interpreter, user, folder, timeout);
        }

        @Override
        public String toString() {
            return "Request[" + digest + "]";
        }
    }

    /**
     * How far it is.
     *
     * @param cancelWanted whether somebody asked to stop it
     * @param out bytes of standard output, {@code err} of standard error, as the machine counted them at the end
     */
    public record Progress(
            CommandState state,
            boolean cancelWanted,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable Integer exitCode,
            @Nullable Cause cause,
            long out,
            long err,
            boolean truncated) {
        static final Progress NEW =
                new Progress(CommandState.WAITING_MACHINE, false, null, null, null, null, 0, 0, false);

        Progress accepted(Instant now) {
            // One that was given up and runs after all is told to stop: the machine's word counts.
            return new Progress(
                    CommandState.RUNNING, cancelWanted || state.terminal(), now, null, null, null, 0, 0, false);
        }

        Progress cancelling() {
            return new Progress(state, true, startedAt, endedAt, exitCode, cause, out, err, truncated);
        }

        Progress ended(CommandState how, @Nullable Cause why, Instant now) {
            return new Progress(how, cancelWanted, startedAt, now, null, why, 0, 0, false);
        }

        Progress ended(CommandExit exit, Instant now) {
            return new Progress(
                    exit.state(),
                    cancelWanted,
                    startedAt,
                    now,
                    exit.code(),
                    exit.cause(),
                    exit.out(),
                    exit.err(),
                    exit.truncated());
        }
    }

    Command with(Progress next) {
        boolean needed = next.state() == CommandState.WAITING_MACHINE;
        return new Command(
                id,
                machineId,
                project,
                machine,
                needed ? request : request.withoutScript(),
                createdBy,
                createdAt,
                expiresAt,
                next,
                revision);
    }

    /** As a store gives it back. */
    public Command stored(long newRevision) {
        return new Command(
                id, machineId, project, machine, request, createdBy, createdAt, expiresAt, progress, newRevision);
    }
}
