package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationView.SubstatusView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Makes a backup of a machine now, beside its schedule. */
@Command(
        name = "backup",
        description = "Back up a machine now, by its installation of vmext.Backup.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  vmext backup demo --wait              by the machine's only installation of vmext.Backup",
            "  vmext backup demo nightly --wait      by the one of this name",
            "",
            "With --wait it shows how far it is and fails when the backup fails; else it is begun, also when the machine is off now.",
        })
final class BackupCommand implements Callable<Integer> {
    static final String EXTENSION = "vmext.Backup";

    @Parameters(index = "0", paramLabel = "MACHINE")
    String machine = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "INSTALLATION",
            description = "Needed when the machine has several of vmext.Backup.")
    @Nullable String installation;

    @Mixin
    InstallCommand.WaitOptions wait = new InstallCommand.WaitOptions();

    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    BackupCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            InstallationView before = choose(client, global, machine, installation);
            String path = global.installationPath(machine, before.name());
            String word = "run-" + ShortName.random(world.random());
            Map<String, Object> settings = new TreeMap<>(before.settings());
            settings.put("now", word);
            InstallationView view = client.put(
                    path,
                    new InstallationWrite(
                            before.extension(),
                            before.constraint(),
                            settings,
                            null,
                            before.after(),
                            null,
                            before.deadlines(),
                            null),
                    false,
                    InstallationView.class);
            Output output = global.output();
            if (!wait.wait) {
                InstallationView begun = view;
                output.print(begun, () -> {
                    world.out().println("Backup " + word + " of " + machine + " by " + begun.name() + " is to begin");
                    world.out().println("  Follow it: vmext installation show " + machine + " " + begun.name());
                });
                return 0;
            }
            output.remarks().println("Waiting for the backup " + word + " of " + machine + " by " + before.name());
            InstallationView last = new Waiter(world, client, output.remarks()).untilHealthy(path, wait.timeout);
            SubstatusView run = part(last, "now")
                    .filter(one -> one.message().startsWith(word + ": "))
                    .orElseThrow(() -> new ProblemException(
                            ProblemCode.OPERATION_FAILED,
                            "cannot tell how the backup " + word + " of " + machine
                                    + " ended: another one was asked for since",
                            "Look at it with 'vmext installation show " + machine + " " + last.name() + "'."));
            String told =
                    Table.cleanBlock(run.message().substring(word.length() + 2)).strip();
            if (run.status().equals("error")) {
                throw new ProblemException(
                        ProblemCode.OPERATION_FAILED,
                        "cannot back up " + machine + " by " + last.name() + ": " + told,
                        "Mend the cause and run it again; what was sent until then is not sent again.");
            }
            output.print(last, () -> world.out().println("Backup of " + machine + " by " + last.name() + ": " + told));
            return 0;
        }
    }

    /** The named installation, or the only one of vmext.Backup. */
    static InstallationView choose(
            ApiClient client, GlobalOptions global, String machine, @Nullable String installation)
            throws InterruptedException {
        List<InstallationView> backups =
                client.list(global.machinePath(machine) + "/installations", InstallationView.class).stream()
                        .filter(one -> one.extension().equalsIgnoreCase(EXTENSION))
                        .toList();
        Optional<InstallationView> named =
                backups.stream().filter(one -> one.name().equals(installation)).findFirst();
        if (named.isPresent()) {
            return named.get();
        }
        if (installation == null && backups.size() == 1) {
            return backups.getFirst();
        }
        String names = backups.stream().map(InstallationView::name).collect(Collectors.joining(", "));
        throw new ProblemException(
                ProblemCode.INSTALLATION_NOT_FOUND,
                installation == null
                        ? backups.isEmpty()
                                ? "cannot back up " + machine + ": it has no installation of " + EXTENSION
                                : "cannot tell which backup of " + machine + " is meant: it has " + backups.size()
                                        + " installations of " + EXTENSION
                        : "cannot find an installation '" + installation + "' of " + EXTENSION + " on " + machine,
                backups.isEmpty()
                        ? "Make one: vmext install " + machine + " " + EXTENSION + " --set 'sources=[\"/etc\"]' --wait"
                        : "There are: " + names + ".");
    }

    static Optional<SubstatusView> part(InstallationView view, String name) {
        return view.status() == null
                ? Optional.empty()
                : view.status().substatus().stream()
                        .filter(one -> one.name().equals(name))
                        .findFirst();
    }
}
