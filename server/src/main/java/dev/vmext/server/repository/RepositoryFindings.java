package dev.vmext.server.repository;

import dev.vmext.fleet.Finding;
import dev.vmext.fleet.OwnFinding;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.finding.FindingSeverity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is wrong with a repository, as findings about its machine, and what is not or not any more. Pure. */
final class RepositoryFindings {
    static final String OVERDUE = "backup-overdue";
    static final String UNPROVEN = "backup-unproven";
    static final String BEHIND = "replica-behind";
    static final String DAMAGED = "repository-damaged";
    static final String FULL = "repository-full";

    /** Of the quota: from here on it is told, while there is time to do something. */
    private static final int FULL_PERCENT = 95;

    private RepositoryFindings() {}

    /** One of each type, open or over. */
    static List<OwnFinding> of(RepositoryView view, Optional<String> refusedForSpace, Instant now) {
        List<OwnFinding> all = new ArrayList<>();
        all.add(overdue(view, now));
        all.add(unproven(view, now));
        all.add(behind(view, now));
        all.add(damaged(view));
        all.add(full(view, refusedForSpace));
        return all;
    }

    private static OwnFinding overdue(RepositoryView view, Instant now) {
        int hours = number(view.policy().overdueHours());
        Instant last = view.status().lastBackup();
        Instant since = last == null ? view.createdAt() : last;
        boolean open = view.inUse() && hours > 0 && older(since, hours, now);
        return finding(
                view,
                OVERDUE,
                FindingSeverity.HIGH,
                open,
                last == null
                        ? "There is no backup, " + hours(since, now) + " h after the first was due to begin"
                        : "The last backup is " + hours(last, now) + " h old, more than " + hours + " h",
                evidence("lastBackup", last == null ? "never" : last.toString(), "allowedHours", "" + hours));
    }

    private static OwnFinding unproven(RepositoryView view, Instant now) {
        RepositoryPolicy policy = view.policy();
        RepositoryStatus.Proof proof = view.status().lastProof();
        int hours = number(policy.proofMaxAgeHours());
        boolean wanted = view.status().snapshots() > 0 && number(policy.proofHours()) > 0 && hours > 0;
        boolean failed = proof != null && !proof.good();
        boolean old = proof == null ? older(view.createdAt(), hours, now) : older(proof.at(), hours, now);
        return finding(
                view,
                UNPROVEN,
                FindingSeverity.MEDIUM,
                wanted && (failed || old),
                proof != null && failed
                        ? "The restore drill failed: " + proof.message()
                        : "No backup was restored for proof within " + hours + " h",
                evidence(
                        "lastProof",
                        proof == null ? "never" : proof.at().toString(),
                        "result",
                        proof == null ? "" : proof.message()));
    }

    private static OwnFinding behind(RepositoryView view, Instant now) {
        RepositoryPolicy policy = view.policy();
        RepositoryStatus.Replication last = view.status().lastReplication();
        int hours = number(policy.replicaLagHours());
        String replica = policy.replica();
        boolean wanted = replica != null
                && !replica.isEmpty()
                && hours > 0
                && view.status().snapshots() > 0;
        Instant since = behindSince(view.status(), last, view.createdAt());
        return finding(
                view,
                BEHIND,
                FindingSeverity.MEDIUM,
                wanted && since != null && older(since, hours, now),
                "The second place lacks backups since " + since
                        + (last == null || last.good() ? "" : ": " + last.message()),
                evidence("place", String.valueOf(replica), "behindSince", String.valueOf(since)));
    }

    /** From when on the second place lacks something: what came after the last good copy counts too. */
    static @Nullable Instant behindSince(
            RepositoryStatus status, RepositoryStatus.@Nullable Replication last, Instant created) {
        if (last == null) {
            return created;
        }
        if (last.behindSince() != null) {
            return last.behindSince();
        }
        Instant newest = status.lastBackup();
        return newest != null && newest.isAfter(last.at()) ? newest : null;
    }

    private static OwnFinding damaged(RepositoryView view) {
        RepositoryStatus.Outcome check = view.status().lastCheck();
        return finding(
                view,
                DAMAGED,
                FindingSeverity.CRITICAL,
                check != null && !check.good(),
                "The check found something wrong: " + (check == null ? "" : check.message()),
                evidence("checkedAt", check == null ? "never" : check.at().toString(), "", ""));
    }

    private static OwnFinding full(RepositoryView view, Optional<String> refused) {
        long quota = number(view.policy().quotaMiB()) * (1L << 20);
        long bytes = view.status().bytes();
        return finding(
                view,
                FULL,
                FindingSeverity.HIGH,
                refused.isPresent() || (quota > 0 && bytes >= quota / 100 * FULL_PERCENT),
                refused.orElse("The repository holds " + (bytes >> 20) + " MiB of " + (quota >> 20)),
                evidence("bytes", "" + bytes, "quota", "" + quota));
    }

    private static OwnFinding finding(
            RepositoryView view,
            String type,
            FindingSeverity severity,
            boolean open,
            String title,
            Map<String, String> evidence) {
        return open
                ? new OwnFinding(
                        view.project(),
                        view.machineId(),
                        Finding.Source.CONTROL_PLANE,
                        type,
                        view.installation(),
                        severity,
                        false,
                        title,
                        evidence)
                : OwnFinding.over(
                        view.project(), view.machineId(), Finding.Source.CONTROL_PLANE, type, view.installation());
    }

    private static Map<String, String> evidence(String one, String value, String other, String otherValue) {
        Map<String, String> evidence = new LinkedHashMap<>();
        evidence.put(one, value);
        if (!other.isEmpty()) {
            evidence.put(other, otherValue);
        }
        return evidence;
    }

    private static boolean older(Instant at, int hours, Instant now) {
        return Duration.between(at, now).compareTo(Duration.ofHours(hours)) > 0;
    }

    private static long hours(Instant at, Instant now) {
        return Math.max(0, Duration.between(at, now).toHours());
    }

    static int number(@Nullable Integer value) {
        return value == null ? 0 : value;
    }
}
