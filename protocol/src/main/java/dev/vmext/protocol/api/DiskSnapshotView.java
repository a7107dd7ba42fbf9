package dev.vmext.protocol.api;

import dev.vmext.protocol.problem.Problem;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a machine's disk.
 *
 * @param state taking, ready, failed or deleting; only a ready one is a snapshot
 * @param kind full or increment, null until it is ready
 * @param parent what an increment builds on
 * @param chain how many snapshots it builds on
 * @param whyFull why everything was copied, null for an increment
 * @param consistency application, crash or off (the machine was shut down), null until it is ready
 * @param note why it is not application-consistent, null when it is or was not to be
 * @param at the point in time that it holds
 * @param diskBytes length of the disk
 * @param bytes what its own file takes
 * @param digest of its own file
 * @param verifiedAt when its chain was last read and compared, null before the first time
 * @param faults what was wrong with the chain then
 * @param problem why it failed
 */
public record DiskSnapshotView(
        String id,
        String project,
        String machine,
        String state,
        @Nullable String kind,
        @Nullable String parent,
        int chain,
        @Nullable String whyFull,
        @Nullable String consistency,
        @Nullable String note,
        @Nullable Instant at,
        long diskBytes,
        long bytes,
        @Nullable String digest,
        @Nullable Instant verifiedAt,
        List<String> faults,
        @Nullable Problem problem,
        String createdBy,
        Instant createdAt,
        @Nullable Instant endedAt) {}
