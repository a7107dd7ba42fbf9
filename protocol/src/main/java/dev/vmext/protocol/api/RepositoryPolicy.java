package dev.vmext.protocol.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of a backup repository. Written, a missing field leaves what was; 0 and empty text switch a thing off. Shown, all fields
 * are there. Times are in whole hours.
 *
 * @param keepLast newest snapshots that stay, of each host and set of paths; likewise the newest of so many hours, days, weeks, months, years
 * @param keepWithin all snapshots this close to the newest stay, such as {@code 30d} or {@code 1y6m}
 * @param pruneHours how often old snapshots are forgotten and their space is freed
 * @param quotaMiB the most that it may hold; 0 for no limit but the disk
 * @param overdueHours how old the newest snapshot may be
 * @param checkHours how often its structure and a part of its data are checked
 * @param checkPercent of the data that is read at each check
 * @param proofHours how often the newest snapshot is restored into a throw-away folder
 * @param proofMaxAgeHours how old the last good restore may be
 * @param proofProgram file name of an executable in {@code VMEXT_HOME/proofs} that looks at what was restored
 * @param proofInclude paths that are restored for the proof; none for all
 * @param replica the second place, as restic writes it: an absolute folder, {@code sftp:}, {@code s3:} or {@code rest:}
 * @param replicaHours how often new snapshots are copied there
 * @param replicaLagHours how far the second place may be behind
 */
public record RepositoryPolicy(
        @Nullable Integer keepLast,
        @Nullable Integer keepHourly,
        @Nullable Integer keepDaily,
        @Nullable Integer keepWeekly,
        @Nullable Integer keepMonthly,
        @Nullable Integer keepYearly,
        @Nullable String keepWithin,
        @Nullable Integer pruneHours,
        @Nullable Integer quotaMiB,
        @Nullable Integer overdueHours,
        @Nullable Integer checkHours,
        @Nullable Integer checkPercent,
        @Nullable Integer proofHours,
        @Nullable Integer proofMaxAgeHours,
        @Nullable String proofProgram,
        @Nullable List<String> proofInclude,
        @Nullable String replica,
        @Nullable Integer replicaHours,
        @Nullable Integer replicaLagHours) {
    /** What holds until somebody says something else. */
    public static final RepositoryPolicy DEFAULTS =
            new RepositoryPolicy(3, 0, 7, 5, 12, 3, "", 24, 0, 36, 168, 5, 720, 1080, "", List.of(), "", 6, 24);

    /** A field that was not written. */
    public static final RepositoryPolicy NOTHING = new RepositoryPolicy(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
            null);

    public RepositoryPolicy {
        proofInclude = proofInclude == null ? null : List.copyOf(proofInclude);
    }

    /** This, and where it says nothing what the other one says. */
    public RepositoryPolicy over(RepositoryPolicy other) {
        return new RepositoryPolicy(
                first(keepLast, other.keepLast),
                first(keepHourly, other.keepHourly),
                first(keepDaily, other.keepDaily),
                first(keepWeekly, other.keepWeekly),
                first(keepMonthly, other.keepMonthly),
                first(keepYearly, other.keepYearly),
                first(keepWithin, other.keepWithin),
                first(pruneHours, other.pruneHours),
                first(quotaMiB, other.quotaMiB),
                first(overdueHours, other.overdueHours),
                first(checkHours, other.checkHours),
                first(checkPercent, other.checkPercent),
                first(proofHours, other.proofHours),
                first(proofMaxAgeHours, other.proofMaxAgeHours),
                first(proofProgram, other.proofProgram),
                first(proofInclude, other.proofInclude),
                first(replica, other.replica),
                first(replicaHours, other.replicaHours),
                first(replicaLagHours, other.replicaLagHours));
    }

    private static <T> @Nullable T first(@Nullable T one, @Nullable T other) {
        return one == null ? other : one;
    }
}
