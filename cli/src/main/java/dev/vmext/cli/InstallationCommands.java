package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What is installed where, and how it is. */
@Command(
        name = "installation",
        description = "Extensions on machines: what is wanted, what runs, and why not.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            InstallationCommands.ListAll.class,
            InstallationCommands.Show.class,
            InstallationLogs.class,
            OrderCommands.Cancel.class,
            OrderCommands.Retry.class,
            OrderCommands.Reset.class,
            OrderCommands.Release.class,
            ForgetCommands.Installation.class,
        },
        footer = {
            "",
            "To add, change or remove one: vmext install, vmext uninstall.",
            "Orders (cancel, retry, reset, release) are taken in every state and wait for a machine that is off.",
        })
final class InstallationCommands implements Runnable {
    private final Surroundings world;

    InstallationCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** All installations of one machine. */
    @Command(name = "list", description = "The installations of a machine.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Mixin
        GlobalOptions global;

        private final Surroundings world;

        ListAll(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                List<InstallationView> all =
                        client.list(global.machinePath(machine) + "/installations", InstallationView.class);
                global.output().print(all, () -> {
                    if (all.isEmpty()) {
                        world.out()
                                .println(machine + " has no installations. Add one: vmext install " + machine
                                        + " EXTENSION");
                    } else {
                        table(all, world.clock().instant()).print(world.out());
                    }
                });
                return 0;
            }
        }
    }

    /** One installation with everything known about it. */
    @Command(
            name = "show",
            description = "One installation: state, cause, what the handler says, its last output.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Parameters(index = "1", paramLabel = "INSTALLATION")
        String installation = "";

        @Mixin
        GlobalOptions global;

        private final Surroundings world;

        Show(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                InstallationView view =
                        client.get(global.installationPath(machine, installation), InstallationView.class);
                global.output().print(view, () -> InstallationSheet.print(world, view, true));
                return 0;
            }
        }
    }

    static Table table(List<InstallationView> all, Instant now) {
        Table table = new Table("INSTALLATION", "EXTENSION", "VERSION", "STATE", "HEALTHY", "SINCE", "WHAT");
        for (InstallationView view : all) {
            String running = view.runningVersion();
            String version = running == null || running.equals(view.version())
                    ? view.version()
                    : running + " -> " + view.version();
            table.row(
                    view.name(),
                    view.extension(),
                    version,
                    view.state(),
                    view.healthy() ? "yes" : "no",
                    Ages.ago(view.stateSince(), now),
                    what(view));
        }
        return table;
    }

    private static String what(InstallationView view) {
        InstallationView.CauseView cause = view.cause();
        InstallationView.StatusView status = view.status();
        String text = cause != null ? cause.message() : status != null ? status.message() : "";
        String line = text.strip().lines().findFirst().orElse("");
        return line.length() > 80 ? line.substring(0, 77) + "..." : line;
    }
}
