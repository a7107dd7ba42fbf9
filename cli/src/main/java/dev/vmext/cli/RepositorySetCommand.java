package dev.vmext.cli;

import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.api.RepositoryWrite;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Changes what is wanted of a repository. */
@Command(
        name = "set",
        description = "Change what is kept, how often it is checked and proven, and where a second copy goes."
                + " What you leave away stays as it is; 0 and empty text switch a thing off.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  vmext repository set web1 backup --keep-daily 14 --keep-weekly 8",
            "  vmext repository set web1 backup --quota-mib 20480 --overdue-hours 26",
            "  vmext repository set web1 backup --proof-hours 168 --proof-program look-at-web1",
            "  vmext repository set web1 backup --replica sftp:vault@backup2:/vmext/web1",
            "  vmext repository set web1 backup --replica s3:s3.example.org/vmext/web1 --replica-secrets-file secrets",
        })
final class RepositorySetCommand extends RepositoryCommands.OfOne {
    @Option(names = "--keep-last", paramLabel = "N", description = "The newest snapshots.")
    @Nullable Integer keepLast;

    @Option(names = "--keep-hourly", paramLabel = "N", description = "The newest of so many hours.")
    @Nullable Integer keepHourly;

    @Option(names = "--keep-daily", paramLabel = "N", description = "The newest of so many days.")
    @Nullable Integer keepDaily;

    @Option(names = "--keep-weekly", paramLabel = "N", description = "The newest of so many weeks.")
    @Nullable Integer keepWeekly;

    @Option(names = "--keep-monthly", paramLabel = "N", description = "The newest of so many months.")
    @Nullable Integer keepMonthly;

    @Option(names = "--keep-yearly", paramLabel = "N", description = "The newest of so many years.")
    @Nullable Integer keepYearly;

    @Option(names = "--keep-within", paramLabel = "TIME", description = "All this close to the newest: 30d, 1y6m.")
    @Nullable String keepWithin;

    @Option(names = "--prune-hours", paramLabel = "H", description = "How often old snapshots go.")
    @Nullable Integer pruneHours;

    @Option(names = "--quota-mib", paramLabel = "MIB", description = "The most that it may hold.")
    @Nullable Integer quotaMib;

    @Option(names = "--overdue-hours", paramLabel = "H", description = "How old the newest snapshot may be.")
    @Nullable Integer overdueHours;

    @Option(names = "--check-hours", paramLabel = "H", description = "How often it is checked.")
    @Nullable Integer checkHours;

    @Option(names = "--check-percent", paramLabel = "P", description = "Of the data that is read each time.")
    @Nullable Integer checkPercent;

    @Option(names = "--proof-hours", paramLabel = "H", description = "How often it is restored for proof.")
    @Nullable Integer proofHours;

    @Option(names = "--proof-max-age-hours", paramLabel = "H", description = "How old the last proof may be.")
    @Nullable Integer proofMaxAgeHours;

    @Option(
            names = "--proof-program",
            paramLabel = "NAME",
            description = "Executable in VMEXT_HOME/proofs that looks at what was restored.")
    @Nullable String proofProgram;

    @Option(
            names = "--proof-include",
            paramLabel = "PATH",
            split = ",",
            description = "Paths that are restored for proof; one empty text for all.")
    @Nullable List<String> proofInclude;

    @Option(
            names = "--replica",
            paramLabel = "PLACE",
            description = "The second place: a folder, sftp:user@host:/folder, s3:host/bucket/folder, rest:https://...")
    @Nullable String replica;

    @Option(names = "--replica-hours", paramLabel = "H", description = "How often new snapshots are copied there.")
    @Nullable Integer replicaHours;

    @Option(names = "--replica-lag-hours", paramLabel = "H", description = "How far it may be behind.")
    @Nullable Integer replicaLagHours;

    @Option(
            names = "--replica-secrets-file",
            paramLabel = "FILE",
            description = "Lines NAME=VALUE, such as AWS_ACCESS_KEY_ID=...; - is standard input. Replaces all before.")
    @Nullable String secretsFile;

    RepositorySetCommand(Surroundings world) {
        super(world);
    }

    @Override
    int run(ApiClient client, String path) throws InterruptedException {
        RepositoryPolicy policy = new RepositoryPolicy(
                keepLast,
                keepHourly,
                keepDaily,
                keepWeekly,
                keepMonthly,
                keepYearly,
                keepWithin,
                pruneHours,
                quotaMib,
                overdueHours,
                checkHours,
                checkPercent,
                proofHours,
                proofMaxAgeHours,
                proofProgram,
                proofInclude == null
                        ? null
                        : proofInclude.stream().filter(one -> !one.isEmpty()).toList(),
                replica,
                replicaHours,
                replicaLagHours);
        Map<String, String> secrets = secretsFile == null ? null : secrets(TextFile.readOrInput(secretsFile, world));
        if (policy.equals(RepositoryPolicy.NOTHING) && secrets == null) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot change the repository: you did not say what",
                    "name at least one option; vmext repository set --help shows them");
        }
        RepositoryView view = client.patch(path, new RepositoryWrite(policy, secrets), RepositoryView.class);
        global.output()
                .print(
                        view,
                        () -> RepositorySheet.print(
                                world.out(), view, world.clock().instant()));
        return 0;
    }

    private static Map<String, String> secrets(String text) {
        Map<String, String> secrets = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            int equals = line.indexOf('=');
            if (line.isBlank()) {
                continue;
            }
            if (equals < 1) {
                throw new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot read the secrets: a line is not NAME=VALUE",
                        "write one on each line, without quotes");
            }
            secrets.put(
                    line.substring(0, equals).strip(),
                    line.substring(equals + 1).strip());
        }
        return secrets;
    }
}
