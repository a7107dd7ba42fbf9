package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.MachineView;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Machines: made here or brought in. */
@Command(
        name = "machine",
        description = "Machines: create, enrol, look at, delete.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            MachineCommands.ListAll.class,
            MachineCommands.Show.class,
            MachineCreateCommand.class,
            MachineCommands.Start.class,
            MachineCommands.Stop.class,
            MachineCommands.Delete.class,
            MachineRecoverCommand.class,
            ForgetCommands.Machine.class,
            ForgetCommands.Removals.class,
            MachineLogCommands.Logs.class,
            MachineLogCommands.Bundle.class,
            MachineEnrollCommand.class,
        })
final class MachineCommands implements Runnable {
    private final Surroundings world;

    MachineCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** All machines. */
    @Command(name = "list", description = "All machines of the project.", mixinStandardHelpOptions = true)
    static final class ListAll extends MachineCommand {
        ListAll(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            List<MachineView> all = client.list(global.projectPath() + "/machines", MachineView.class);
            global.output().print(all, () -> {
                if (all.isEmpty()) {
                    world.out()
                            .println("There are no machines. Make one: vmext machine create NAME; or bring one in:"
                                    + " vmext machine enroll-command NAME");
                } else {
                    MachineSheet.table(all, world).print(world.out());
                }
            });
        }
    }

    /** One machine. */
    @Command(
            name = "show",
            description = "One machine with its facts and installations.",
            mixinStandardHelpOptions = true)
    static final class Show extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        Show(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            MachineView view = client.get(global.machinePath(machine), MachineView.class);
            List<InstallationView> installations =
                    client.list(global.machinePath(machine) + "/installations", InstallationView.class);
            global.output().print(Map.of("machine", view, "installations", installations), () -> {
                MachineSheet.print(world, view);
                if (!installations.isEmpty()) {
                    world.out().println();
                    InstallationCommands.table(installations, world.clock().instant())
                            .print(world.out());
                }
                ForgetCommands.unmanaged(view.unmanaged(), world.clock().instant())
                        .ifPresent(table -> {
                            world.out().println();
                            table.print(world.out());
                        });
            });
        }
    }

    /** Powers a machine on. */
    @Command(
            name = "start",
            description = "Power a machine on, or try again to make one that could not be made.",
            mixinStandardHelpOptions = true)
    static final class Start extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        Start(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            MachineView view = client.post(global.machinePath(machine) + "/start", null, MachineView.class);
            global.output().print(view, () -> MachineSheet.print(world, view));
        }
    }

    /** Powers a machine off. */
    @Command(
            name = "stop",
            description = "Shut a machine down. What is wanted for it is kept and done when it is back.",
            mixinStandardHelpOptions = true)
    static final class Stop extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        Stop(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            MachineView view = client.post(global.machinePath(machine) + "/stop", null, MachineView.class);
            global.output().print(view, () -> MachineSheet.print(world, view));
        }
    }

    /** Deletes a machine. */
    @Command(
            name = "delete",
            description =
                    "Delete a machine. One made here loses its disk; one brought in is forgotten and its certificate"
                            + " revoked.",
            mixinStandardHelpOptions = true)
    static final class Delete extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Mixin
        InstallCommand.WaitOptions wait = new InstallCommand.WaitOptions();

        Delete(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            client.delete(global.machinePath(machine));
            Output output = global.output();
            if (wait.wait) {
                new MachineProgress(world, client, output.remarks())
                        .untilGone(global.machinePath(machine), wait.timeout);
            }
            String state = wait.wait ? "deleted" : "deleting";
            output.print(
                    Map.of("name", machine, "state", state), () -> world.out().println(machine + ": " + state));
        }
    }
}
