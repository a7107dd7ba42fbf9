package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings files back out of a backup: puts an installation of vmext.Restore on the machine, follows it, and takes it off again. */
@Command(
        name = "restore",
        description = "Restore files of a backup to a machine: the same or another one, to their place or another one.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  vmext restore demo --dry-run                              what would come back, and what it would replace",
            "  vmext restore demo --include /etc/nginx --include '*.conf'",
            "  vmext restore demo --snapshot 2026-11-30T12:00:00Z --target /srv/old",
            "  vmext restore spare --from demo --include /srv            onto another machine",
            "",
            "Everything is read out first and put in place only when it is complete. What the backup does not have stays. It waits until",
            "it is done and prints the report.",
        })
final class RestoreCommand implements Callable<Integer> {
    private static final String EXTENSION = "vmext.Restore";

    @Parameters(index = "0", paramLabel = "MACHINE", description = "Where files are restored to.")
    String machine = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "INSTALLATION",
            description = "Which backup; needed when the machine that was backed up has several.")
    @Nullable String installation;

    @Option(
            names = "--from",
            paramLabel = "MACHINE",
            description = "Whose backup it is (default: of the machine itself). It may be gone; then also its id.")
    @Nullable String from;

    @Option(
            names = "--snapshot",
            paramLabel = "SNAPSHOT",
            defaultValue = "latest",
            description = "latest, an id, or a time: the newest that is not younger (default: ${DEFAULT-VALUE}).")
    String snapshot = "latest";

    @Option(
            names = "--include",
            paramLabel = "PATTERN",
            description = "Only this path or pattern. May be repeated (default: everything).")
    List<String> include = List.of();

    @Option(names = "--exclude", paramLabel = "PATTERN", description = "Not this. May be repeated.")
    List<String> exclude = List.of();

    @Option(
            names = "--target",
            paramLabel = "FOLDER",
            defaultValue = "/",
            description = "Paths are below this folder; / is their own place (default: ${DEFAULT-VALUE}).")
    String target = "/";

    @Option(names = "--dry-run", description = "Only tell what it would do.")
    boolean dryRun;

    @Option(
            names = "--overwrite",
            paramLabel = "POLICY",
            defaultValue = "always",
            description =
                    "What happens to files that are there: always, if-newer or never (default: ${DEFAULT-VALUE}).")
    String overwrite = "always";

    @Option(names = "--no-verify", description = "Do not read what was restored again.")
    boolean noVerify;

    @Option(names = "--keep", description = "Leave the installation on the machine; else it is taken off again.")
    boolean keep;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "24h",
            converter = AgeConverter.class,
            description = "How long to wait at most (default: ${DEFAULT-VALUE}). The restore itself goes on.")
    Duration timeout = Duration.ofHours(24);

    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    RestoreCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            String source = from == null ? machine : from;
            RepositoryView backup = choose(client, source);
            String name = "restore-" + ShortName.random(world.random());
            String path = global.installationPath(machine, name);
            Output output = global.output();
            client.put(
                    path,
                    new InstallationWrite(EXTENSION, null, settings(backup), null, null, null),
                    true,
                    InstallationView.class);
            output.remarks()
                    .println((dryRun ? "Looking what " : "Restoring ") + "the backup " + backup.installation() + " of "
                            + backup.machine() + (dryRun ? " would restore to " : " to ") + machine + " as " + name);
            Waiter waiter = new Waiter(world, client, output.remarks());
            try {
                InstallationView last = waiter.untilHealthy(path, timeout);
                output.print(last, () -> print(last));
            } catch (ProblemException e) {
                if (e.code() == ProblemCode.WAIT_TIMED_OUT) {
                    throw e;
                }
                takeOff(client, path, name, output);
                throw e;
            }
            takeOff(client, path, name, output);
            return 0;
        }
    }

    /** The named backup, or the only one; also of a machine that is gone, and of an installation that is. */
    private RepositoryView choose(ApiClient client, String source) throws InterruptedException {
        List<RepositoryView> all = client.list(global.machinePath(source) + "/repositories", RepositoryView.class);
        // A machine that is there comes before one that was and had its name.
        List<RepositoryView> there =
                all.stream().filter(RepositoryView::machineExists).toList();
        List<RepositoryView> backups = there.isEmpty() ? all : there;
        List<RepositoryView> meant = installation == null
                ? backups
                : backups.stream()
                        .filter(one -> one.installation().equals(installation))
                        .toList();
        if (meant.size() == 1) {
            return meant.getFirst();
        }
        if (backups.isEmpty()) {
            // A name that is wrong is told as such.
            client.get(global.machinePath(source), MachineView.class);
        }
        throw new ProblemException(
                ProblemCode.REPOSITORY_NOT_FOUND,
                meant.size() > 1
                        ? "cannot tell which backup of " + source + " is meant: there are " + meant.size()
                        : "cannot find a backup" + (installation == null ? "" : " '" + installation + "'") + " of "
                                + source + " on this control plane",
                backups.isEmpty()
                        ? "'vmext repository list' shows what there is. What lies in a repository of your own comes back with"
                                + " vmext install " + machine + " " + EXTENSION + " and its settings."
                        : "Name one: "
                                + backups.stream()
                                        .map(one -> one.installation()
                                                + (there.isEmpty() ? " (machine " + one.machineId() + ")" : ""))
                                        .collect(Collectors.joining(", "))
                                + ".");
    }

    private Map<String, Object> settings(RepositoryView backup) {
        Map<String, Object> settings = new TreeMap<>();
        settings.put("from", Map.of("machine", backup.machineId(), "installation", backup.installation()));
        settings.put("snapshot", snapshot);
        settings.put("target", target);
        settings.put("overwrite", overwrite);
        settings.put("dryRun", dryRun);
        settings.put("verify", !noVerify);
        if (!include.isEmpty()) {
            settings.put("include", include);
        }
        if (!exclude.isEmpty()) {
            settings.put("exclude", exclude);
        }
        return settings;
    }

    private void print(InstallationView view) {
        InstallationView.StatusView status = view.status();
        if (status == null) {
            return;
        }
        world.out().println(Table.cleanBlock(status.message()).strip());
        BackupCommand.part(view, "report")
                .ifPresent(report -> Table.cleanBlock(report.message())
                        .strip()
                        .lines()
                        .forEach(line -> world.out().println("  " + line)));
    }

    private void takeOff(ApiClient client, String path, String name, Output output) throws InterruptedException {
        if (keep) {
            output.remarks().println("It stays: vmext installation show " + machine + " " + name);
            return;
        }
        // What it put in place stays; only the extension goes.
        client.delete(path);
    }
}
