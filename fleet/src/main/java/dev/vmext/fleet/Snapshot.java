package dev.vmext.fleet;

import dev.vmext.fleet.provider.DiskSnapshot;
import dev.vmext.protocol.api.DiskSnapshotView;
import dev.vmext.protocol.problem.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a machine's disk as the store remembers it; the data itself lies with the machine's provider.
 *
 * @param taken null until it is ready
 * @param check the last examination, null before the first
 * @param problem why it failed, null when it did not
 * @param endedAt when it became ready or failed
 * @param revision see {@link FleetChange}
 */
public record Snapshot(
        String id,
        String machineId,
        String project,
        String machine,
        Wish wish,
        State state,
        @Nullable Taken taken,
        @Nullable Check check,
        @Nullable Problem problem,
        String createdBy,
        Instant createdAt,
        @Nullable Instant endedAt,
        long revision) {
    public Snapshot {
        Objects.requireNonNull(id);
        Objects.requireNonNull(machineId);
        Objects.requireNonNull(wish);
        Objects.requireNonNull(state);
        Objects.requireNonNull(createdAt);
        if ((state == State.READY) && taken == null) {
            throw new IllegalArgumentException("a snapshot that is ready was taken");
        }
    }

    /** What becomes of it. */
    public enum State {
        TAKING,
        READY,
        FAILED,
        /** Its data goes; what is left of it after a crash goes at the next start. */
        DELETING;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How well what was on the disk fits together. */
    public enum Consistency {
        /** Application where the machine lets that be done. */
        AUTO,
        /** File systems were frozen, after the hooks of applications had run. */
        APPLICATION,
        /** As after a power cut. */
        CRASH,
        /** The machine was shut down. */
        OFF;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What was asked for.
     *
     * @param keep null for all
     */
    public record Wish(
            Consistency consistency,
            boolean full,
            int longestChain,
            @Nullable Integer keep) {
        public Wish {
            Objects.requireNonNull(consistency);
        }
    }

    /**
     * What came about.
     *
     * @param at the point in time that it holds
     * @param note why it is not application-consistent, empty when there is nothing to say
     */
    public record Taken(DiskSnapshot disk, Consistency consistency, String note, Instant at) {
        public Taken {
            Objects.requireNonNull(disk);
            Objects.requireNonNull(consistency);
            Objects.requireNonNull(note);
            Objects.requireNonNull(at);
        }
    }

    /** Its whole chain was read. */
    public record Check(Instant at, List<String> faults) {
        public Check {
            Objects.requireNonNull(at);
            faults = List.copyOf(faults);
        }
    }

    /** Ready, and the last examination found nothing. */
    public boolean good() {
        return state == State.READY && (check == null || check.faults().isEmpty());
    }

    @Nullable String parent() {
        return taken == null ? null : taken.disk().parent().orElse(null);
    }

    Snapshot ready(Taken what, Instant now) {
        return new Snapshot(
                id,
                machineId,
                project,
                machine,
                wish,
                State.READY,
                what,
                check,
                null,
                createdBy,
                createdAt,
                now,
                revision);
    }

    Snapshot failed(Problem why, Instant now) {
        return new Snapshot(
                id,
                machineId,
                project,
                machine,
                wish,
                State.FAILED,
                taken,
                check,
                why,
                createdBy,
                createdAt,
                now,
                revision);
    }

    Snapshot deleting() {
        return new Snapshot(
                id,
                machineId,
                project,
                machine,
                wish,
                State.DELETING,
                taken,
                check,
                problem,
                createdBy,
                createdAt,
                endedAt,
                revision);
    }

    Snapshot checked(Check result) {
        return new Snapshot(
                id, machineId, project, machine, wish, state, taken, result, problem, createdBy, createdAt, endedAt,
                revision);
    }

    /** As a store gives it back. */
    public Snapshot stored(long newRevision) {
        return new Snapshot(
                id,
                machineId,
                project,
                machine,
                wish,
                state,
                taken,
                check,
                problem,
                createdBy,
                createdAt,
                endedAt,
                newRevision);
    }

    public DiskSnapshotView view() {
        DiskSnapshot disk = taken == null ? null : taken.disk();
        return new DiskSnapshotView(
                id,
                project,
                machine,
                state.wire(),
                disk == null ? null : disk.parent().isPresent() ? "increment" : "full",
                parent(),
                disk == null ? 0 : disk.depth(),
                disk == null || disk.whyFull().isEmpty() ? null : disk.whyFull(),
                taken == null ? null : taken.consistency().wire(),
                taken == null || taken.note().isEmpty() ? null : taken.note(),
                taken == null ? null : taken.at(),
                disk == null ? 0 : disk.diskBytes(),
                disk == null ? 0 : disk.bytes(),
                disk == null ? null : disk.digest(),
                check == null ? null : check.at(),
                check == null ? List.of() : check.faults(),
                problem,
                createdBy,
                createdAt,
                endedAt);
    }
}
