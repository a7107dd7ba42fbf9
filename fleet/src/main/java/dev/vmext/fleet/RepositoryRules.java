package dev.vmext.fleet;

import dev.vmext.protocol.api.RepositoryPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What may stand in the policy of a repository. Pure. */
final class RepositoryRules {
    private static final int MOST_KEPT = 100_000;
    private static final int TEN_YEARS = 10 * 366 * 24;
    private static final int MOST_PATHS = 64;
    private static final int LONGEST = 1024;
    private static final Pattern WITHIN = Pattern.compile("(?:[0-9]{1,5}[ymdh]){1,4}");
    private static final Pattern PROGRAM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** No text can begin with a hyphen where a program would take it for an option. */
    private static final Pattern PLACE = Pattern.compile("(?:/[^\\p{Cntrl}]+"
            + "|sftp:(?://)?(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9_\\[][A-Za-z0-9_.:\\]-]*:?/?[^\\p{Cntrl}]*"
            + "|s3:[A-Za-z0-9_][^\\p{Cntrl}]*"
            + "|rest:https?://[^\\p{Cntrl}]+)");

    /** Nothing that makes a program load or run something else. */
    private static final Set<String> SECRETS = Set.of(
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_DEFAULT_REGION",
            "RESTIC_REST_USERNAME",
            "RESTIC_REST_PASSWORD");

    private RepositoryRules() {}

    static void check(RepositoryPolicy policy) {
        number("keepLast", policy.keepLast(), MOST_KEPT);
        number("keepHourly", policy.keepHourly(), MOST_KEPT);
        number("keepDaily", policy.keepDaily(), MOST_KEPT);
        number("keepWeekly", policy.keepWeekly(), MOST_KEPT);
        number("keepMonthly", policy.keepMonthly(), MOST_KEPT);
        number("keepYearly", policy.keepYearly(), MOST_KEPT);
        number("pruneHours", policy.pruneHours(), TEN_YEARS);
        number("quotaMiB", policy.quotaMiB(), Integer.MAX_VALUE);
        number("overdueHours", policy.overdueHours(), TEN_YEARS);
        number("checkHours", policy.checkHours(), TEN_YEARS);
        number("checkPercent", policy.checkPercent(), 100);
        number("proofHours", policy.proofHours(), TEN_YEARS);
        number("proofMaxAgeHours", policy.proofMaxAgeHours(), TEN_YEARS);
        number("replicaHours", policy.replicaHours(), TEN_YEARS);
        number("replicaLagHours", policy.replicaLagHours(), TEN_YEARS);
        text("keepWithin", policy.keepWithin(), WITHIN, "write a time such as 30d or 1y6m, of y, m, d and h");
        text(
                "proofProgram",
                policy.proofProgram(),
                PROGRAM,
                "give the file name of an executable in the folder proofs of VMEXT_HOME, without a path");
        text(
                "replica",
                policy.replica(),
                PLACE,
                "give an absolute folder, sftp:user@host:/folder, s3:host/bucket/folder or rest:https://host/folder");
        List<String> paths = policy.proofInclude() == null ? List.of() : policy.proofInclude();
        if (paths.size() > MOST_PATHS) {
            throw Problems.invalidValue(
                    "cannot use proofInclude: " + paths.size() + " paths are too many", "name at most " + MOST_PATHS);
        }
        for (String path : paths) {
            if (!path.startsWith("/") || path.length() > LONGEST || hasControls(path)) {
                throw Problems.invalidValue(
                        "cannot restore " + Problems.shown(path) + " for the proof: it is no absolute path",
                        "write it as it is on the machine, such as /etc");
            }
        }
    }

    /** So that nobody can switch off all of retention by a slip and have everything forgotten. */
    static boolean keepsAnything(RepositoryPolicy policy) {
        return positive(policy.keepLast())
                || positive(policy.keepHourly())
                || positive(policy.keepDaily())
                || positive(policy.keepWeekly())
                || positive(policy.keepMonthly())
                || positive(policy.keepYearly())
                || (policy.keepWithin() != null && !policy.keepWithin().isEmpty());
    }

    static void checkSecrets(Map<String, String> secrets) {
        secrets.forEach((name, value) -> {
            if (!SECRETS.contains(name)) {
                throw Problems.invalidValue(
                        "cannot keep " + Problems.shown(name) + " for the second place: it is none of its secrets",
                        "there are "
                                + String.join(", ", SECRETS.stream().sorted().toList()));
            }
            if (value.isEmpty() || value.length() > LONGEST || hasControls(value)) {
                throw Problems.invalidValue(
                        "cannot keep " + name + ": it is empty, longer than " + LONGEST
                                + " characters or has control characters in it",
                        "give it as your storage's provider wrote it");
            }
        });
    }

    private static boolean positive(@Nullable Integer number) {
        return number != null && number > 0;
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    private static void number(String field, @Nullable Integer value, int most) {
        if (value != null && (value < 0 || value > most)) {
            throw Problems.invalidValue(
                    "cannot set " + field + " to " + value + ": it must be from 0 to " + most, "0 switches it off");
        }
    }

    private static void text(String field, @Nullable String value, Pattern allowed, String hint) {
        if (value != null
                && !value.isEmpty()
                && (value.length() > LONGEST || !allowed.matcher(value).matches())) {
            throw Problems.invalidValue(
                    "cannot set " + field + " to " + Problems.shown(value) + ": it is not written right",
                    hint + "; empty text switches it off");
        }
    }
}
