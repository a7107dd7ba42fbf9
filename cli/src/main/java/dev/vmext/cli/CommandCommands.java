package dev.vmext.cli;

import dev.vmext.protocol.api.CommandView;
import dev.vmext.protocol.api.InstallationView.CauseView;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Run-once commands that were asked for. */
@Command(
        name = "command",
        description = "Run-once commands: list, look at, stop. 'vmext run' makes one.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CommandCommands.ListAll.class,
            CommandCommands.Show.class,
            CommandCommands.Cancel.class,
        })
final class CommandCommands implements Runnable {
    private final Surroundings world;

    CommandCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** What they share. */
    abstract static class OfMachine implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Mixin
        GlobalOptions global;

        final Surroundings world;

        OfMachine(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public final Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                run(client, global.machinePath(machine) + "/commands");
                return 0;
            }
        }

        abstract void run(ApiClient client, String commands) throws InterruptedException;
    }

    /** All of a machine. */
    @Command(
            name = "list",
            description = "The last commands of a machine, newest first.",
            mixinStandardHelpOptions = true)
    static final class ListAll extends OfMachine {
        ListAll(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client, String commands) throws InterruptedException {
            List<CommandView> all = client.list(commands, CommandView.class);
            global.output().print(all, () -> {
                Table table = new Table("COMMAND", "STATE", "EXIT", "USER", "BY", "ASKED FOR");
                for (CommandView view : all) {
                    table.row(
                            view.id(),
                            view.cancelling() ? view.state() + " (stopping)" : view.state(),
                            view.exitCode() == null ? "-" : view.exitCode(),
                            view.user() == null ? "root" : view.user(),
                            view.createdBy(),
                            Ages.ago(view.createdAt(), world.clock().instant()));
                }
                table.print(world.out());
            });
        }
    }

    /** One, with what it wrote. */
    @Command(name = "show", description = "One command and what it wrote.", mixinStandardHelpOptions = true)
    static final class Show extends OfMachine {
        @Parameters(index = "1", paramLabel = "COMMAND", description = "Its id, see 'vmext command list MACHINE'.")
        String id = "";

        @Option(
                names = {"-f", "--follow"},
                description = "Go on until it is over.")
        boolean follow;

        Show(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client, String commands) throws InterruptedException {
            String path = commands + "/" + ApiClient.segment(id);
            if (!global.output().forPeople()) {
                global.output().print(client.get(path, CommandView.class), () -> {});
                return;
            }
            print(client.get(path, CommandView.class));
            String later = "vmext command show " + machine + " " + id;
            CommandView end = new CommandOutputReader(world, client, path, world.out(), world.err(), later)
                    .read(follow, changed -> {});
            if (follow) {
                world.err().println("(" + end.state() + (end.exitCode() == null ? "" : " " + end.exitCode()) + ")");
            }
        }

        /** About it, not of it: what it wrote must stay alone on standard output. */
        private void print(CommandView view) {
            PrintStream err = world.err();
            err.println(view.id() + " on " + view.machine() + ": " + view.state()
                    + (view.exitCode() == null ? "" : ", exit code " + view.exitCode())
                    + (view.cancelling() ? ", stopping" : ""));
            err.println("  asked for  " + view.createdAt() + " by " + Table.clean(view.createdBy()));
            err.println("  script     " + view.scriptDigest() + " for " + Table.clean(view.interpreter()) + " as "
                    + (view.user() == null ? "root" : Table.clean(view.user())));
            if (view.startedAt() != null) {
                err.println("  ran        " + view.startedAt() + " to "
                        + (view.endedAt() == null ? "now" : view.endedAt()));
            }
            CauseView cause = view.cause();
            if (cause != null) {
                err.println("  cause      " + Table.clean(cause.message()) + " (" + cause.kind() + ")");
                err.println("  what to do " + Table.clean(cause.hint()));
            }
            if (view.truncated()) {
                err.println("  output     is cut: it wrote more than is kept");
            }
        }
    }

    /** Stops one. */
    @Command(
            name = "cancel",
            description = "Stop a command with everything it started.",
            mixinStandardHelpOptions = true)
    static final class Cancel extends OfMachine {
        @Parameters(index = "1", paramLabel = "COMMAND")
        String id = "";

        Cancel(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client, String commands) throws InterruptedException {
            CommandView view = client.post(commands + "/" + ApiClient.segment(id) + "/cancel", null, CommandView.class);
            global.output()
                    .print(
                            view,
                            () -> world.out()
                                    .println(view.id() + ": "
                                            + (CommandOutputReader.over(view) ? "is over already: " : "")
                                            + view.state() + (view.cancelling() ? ", stopping" : "")));
        }
    }
}
