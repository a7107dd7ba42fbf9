package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a backup repository; null for what never happened.
 *
 * @param measuredAt when snapshots, size and last backup were counted
 * @param lastBackup when the newest snapshot was complete, by the control plane's clock
 * @param snapshots how many it holds
 * @param bytes what it takes on the disk
 * @param grownBytes how much that is more than a week ago, or than at the first count; less than nothing after old snapshots were forgotten
 * @param sizes the size on the last days, oldest first
 */
public record RepositoryStatus(
        @Nullable Instant measuredAt,
        @Nullable Instant lastBackup,
        int snapshots,
        long bytes,
        long grownBytes,
        List<DaySize> sizes,
        @Nullable Outcome lastPrune,
        @Nullable Outcome lastCheck,
        @Nullable Proof lastProof,
        @Nullable Replication lastReplication) {
    /** Before anything is known. */
    public static final RepositoryStatus NONE =
            new RepositoryStatus(null, null, 0, 0, 0, List.of(), null, null, null, null);

    public RepositoryStatus {
        sizes = List.copyOf(sizes);
    }

    /**
     * The size at the end of a day, or now.
     *
     * @param day days since 1970-01-01, UTC
     */
    public record DaySize(long day, long bytes) {}

    /**
     * How a piece of work ended.
     *
     * @param message one line for people
     */
    public record Outcome(Instant at, boolean good, String message, long seconds) {}

    /**
     * How a restore into a throw-away folder went.
     *
     * @param snapshot that was restored; empty when it did not come so far
     * @param snapshotTime when that was taken
     * @param recoveryPointSeconds age of that snapshot at the time: what would have been lost
     * @param recoverySeconds how long the restore took, the check of what was restored not counted
     */
    public record Proof(
            Instant at,
            boolean good,
            String message,
            String snapshot,
            @Nullable Instant snapshotTime,
            long recoveryPointSeconds,
            long recoverySeconds,
            long files,
            long bytes) {}

    /**
     * How a copy to the second place went.
     *
     * @param snapshots that the second place holds
     * @param missing of this repository's there
     * @param behindSince when the oldest missing one was complete; null when none is missing
     */
    public record Replication(
            Instant at,
            boolean good,
            String message,
            long seconds,
            int snapshots,
            int missing,
            @Nullable Instant behindSince) {}

    public RepositoryStatus measured(
            Instant at, @Nullable Instant newest, int count, long size, long grown, List<DaySize> days) {
        return new RepositoryStatus(
                at, newest, count, size, grown, days, lastPrune, lastCheck, lastProof, lastReplication);
    }

    public RepositoryStatus pruned(Outcome outcome) {
        return new RepositoryStatus(
                measuredAt,
                lastBackup,
                snapshots,
                bytes,
                grownBytes,
                sizes,
                outcome,
                lastCheck,
                lastProof,
                lastReplication);
    }

    public RepositoryStatus checked(Outcome outcome) {
        return new RepositoryStatus(
                measuredAt,
                lastBackup,
                snapshots,
                bytes,
                grownBytes,
                sizes,
                lastPrune,
                outcome,
                lastProof,
                lastReplication);
    }

    public RepositoryStatus proved(Proof outcome) {
        return new RepositoryStatus(
                measuredAt,
                lastBackup,
                snapshots,
                bytes,
                grownBytes,
                sizes,
                lastPrune,
                lastCheck,
                outcome,
                lastReplication);
    }

    public RepositoryStatus replicated(Replication outcome) {
        return new RepositoryStatus(
                measuredAt, lastBackup, snapshots, bytes, grownBytes, sizes, lastPrune, lastCheck, lastProof, outcome);
    }
}
