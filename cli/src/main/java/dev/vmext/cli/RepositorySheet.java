package dev.vmext.cli;

import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryView;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A backup repository on a page. Stateless. */
final class RepositorySheet {
    private RepositorySheet() {}

    static String size(long bytes) {
        if (bytes < 1 << 20) {
            return Math.ceilDiv(bytes, 1 << 10) + " KiB";
        }
        if (bytes < 1L << 30) {
            return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
        }
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
    }

    /** How old the newest backup is, and whether that is too old. */
    static String newest(RepositoryView view, Instant now) {
        Instant last = view.status().lastBackup();
        String age = last == null ? "none yet" : Ages.ago(last, now);
        boolean overdue = view.inUse()
                && older(
                        last == null ? view.createdAt() : last,
                        number(view.policy().overdueHours()),
                        now);
        return overdue ? "OVERDUE, " + age : age;
    }

    /** How old the last proof is, whether it failed, and whether it is too old. */
    static String proven(RepositoryView view, Instant now) {
        RepositoryStatus.Proof proof = view.status().lastProof();
        if (proof != null && !proof.good()) {
            return "FAILED, " + Ages.ago(proof.at(), now);
        }
        String age = proof == null ? "never" : Ages.ago(proof.at(), now);
        boolean old = number(view.policy().proofHours()) > 0
                && view.status().snapshots() > 0
                && older(
                        proof == null ? view.createdAt() : proof.at(),
                        number(view.policy().proofMaxAgeHours()),
                        now);
        return old ? "UNPROVEN, " + age : age;
    }

    private static boolean older(Instant at, int hours, Instant now) {
        return hours > 0 && Duration.between(at, now).compareTo(Duration.ofHours(hours)) > 0;
    }

    /** How the second place stands. */
    static String replica(RepositoryView view, Instant now) {
        String place = view.policy().replica();
        RepositoryStatus.Replication last = view.status().lastReplication();
        if (place == null || place.isEmpty()) {
            return "-";
        }
        if (last == null) {
            return "not copied yet";
        }
        Instant newest = view.status().lastBackup();
        Instant since = last.behindSince() != null
                ? last.behindSince()
                : newest != null && newest.isAfter(last.at()) ? newest : null;
        return (last.good() ? "" : "FAILED, ") + (since == null ? "up to date" : "behind " + Ages.ago(since, now));
    }

    static void print(PrintStream out, RepositoryView view, Instant now) {
        RepositoryStatus status = view.status();
        out.println(
                view.installation() + " of machine " + view.machine() + (view.machineExists() ? "" : ", which is gone")
                        + " (" + view.machineId() + ")" + (view.inUse() ? "" : ", not in use"));
        out.println("  last backup  "
                + (status.lastBackup() == null
                        ? newest(view, now)
                        : status.lastBackup() + " (" + newest(view, now) + " ago)"));
        out.println("  snapshots    " + status.snapshots());
        out.println("  size         " + size(status.bytes()) + ", in a week " + (status.grownBytes() < 0 ? "-" : "+")
                + size(Math.abs(status.grownBytes())));
        if (view.running() != null) {
            out.println("  running      " + view.running());
        }
        outcome(out, "pruned", status.lastPrune(), now);
        outcome(out, "checked", status.lastCheck(), now);
        RepositoryStatus.Proof proof = status.lastProof();
        out.println("  proven       "
                + (proof == null
                        ? "never"
                        : (proof.good() ? "" : "FAILED ") + Ages.ago(proof.at(), now) + " ago: "
                                + Table.clean(proof.message())));
        if (proof != null && proof.good()) {
            out.println("               recovery point " + Ages.length(Duration.ofSeconds(proof.recoveryPointSeconds()))
                    + ", recovery time " + Ages.length(Duration.ofSeconds(proof.recoverySeconds())) + ", "
                    + proof.files() + " files, " + size(proof.bytes()));
        }
        RepositoryStatus.Replication copy = status.lastReplication();
        out.println("  second place " + replica(view, now)
                + (copy == null
                        ? ""
                        : ", " + copy.snapshots() + " snapshots, " + Table.clean(copy.message()) + ", "
                                + Ages.ago(copy.at(), now) + " ago"));
        print(out, view.policy(), view.replicaSecrets());
    }

    private static void outcome(PrintStream out, String what, RepositoryStatus.@Nullable Outcome outcome, Instant now) {
        out.println("  " + (what + "             ").substring(0, 13)
                + (outcome == null
                        ? "never"
                        : (outcome.good() ? "" : "FAILED ") + Ages.ago(outcome.at(), now) + " ago: "
                                + Table.clean(outcome.message())));
    }

    private static void print(PrintStream out, RepositoryPolicy policy, List<String> secrets) {
        List<String> keep = new ArrayList<>();
        kept(keep, policy.keepLast(), "last");
        kept(keep, policy.keepHourly(), "hourly");
        kept(keep, policy.keepDaily(), "daily");
        kept(keep, policy.keepWeekly(), "weekly");
        kept(keep, policy.keepMonthly(), "monthly");
        kept(keep, policy.keepYearly(), "yearly");
        if (policy.keepWithin() != null && !policy.keepWithin().isEmpty()) {
            keep.add("all within " + policy.keepWithin());
        }
        out.println("Wanted:");
        out.println("  keep         " + String.join(", ", keep) + "; pruned " + every(policy.pruneHours()));
        out.println("  quota        " + (number(policy.quotaMiB()) == 0 ? "none" : policy.quotaMiB() + " MiB"));
        out.println("  overdue      "
                + (number(policy.overdueHours()) == 0 ? "never" : "after " + policy.overdueHours() + " h"));
        out.println("  check        " + every(policy.checkHours())
                + (number(policy.checkHours()) == 0 ? "" : ", reading " + policy.checkPercent() + " % of the data"));
        out.println("  proof        " + every(policy.proofHours())
                + (number(policy.proofMaxAgeHours()) == 0 ? "" : ", unproven after " + policy.proofMaxAgeHours() + " h")
                + (policy.proofProgram() == null || policy.proofProgram().isEmpty()
                        ? ""
                        : ", looked at by " + policy.proofProgram())
                + (policy.proofInclude() == null || policy.proofInclude().isEmpty()
                        ? ""
                        : ", only " + Table.clean(String.join(" ", policy.proofInclude()))));
        out.println("  second place "
                + (policy.replica() == null || policy.replica().isEmpty()
                        ? "none"
                        : Table.clean(policy.replica()) + ", copied " + every(policy.replicaHours())
                                + (number(policy.replicaLagHours()) == 0
                                        ? ""
                                        : ", behind after " + policy.replicaLagHours() + " h")
                                + (secrets.isEmpty() ? "" : ", secrets " + String.join(" ", secrets))));
    }

    private static void kept(List<String> keep, @Nullable Integer count, String word) {
        if (number(count) > 0) {
            keep.add(count + " " + word);
        }
    }

    private static String every(@Nullable Integer hours) {
        return number(hours) == 0 ? "never" : "every " + hours + " h";
    }

    private static int number(@Nullable Integer value) {
        return value == null ? 0 : value;
    }
}
