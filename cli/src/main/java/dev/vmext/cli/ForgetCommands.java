package dev.vmext.cli;

import dev.vmext.protocol.api.Forgotten;
import dev.vmext.protocol.api.RemovedView;
import dev.vmext.protocol.api.UnmanagedView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Dropping records of what cannot be reached any more, and looking at what a machine had. */
final class ForgetCommands {
    private ForgetCommands() {}

    /** Drops an installation's record. */
    @Command(
            name = "forget",
            description = {
                "Drop the record of an installation without asking its machine: for one that never comes back.",
                "What may still run there is shown by 'vmext machine show' as unmanaged; installing it again under its name takes it over,"
                        + " uninstalling it takes it away."
            },
            mixinStandardHelpOptions = true)
    static final class Installation implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Parameters(index = "1", paramLabel = "INSTALLATION")
        String installation = "";

        @Mixin
        GlobalOptions global;

        private final Surroundings world;

        Installation(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                Forgotten answer =
                        client.post(global.installationPath(machine, installation) + "/forget", null, Forgotten.class);
                global.output()
                        .print(
                                answer,
                                () -> world.out()
                                        .println(installation + " on " + machine + ": "
                                                + Table.clean(answer.message())));
                return 0;
            }
        }
    }

    /** Drops a machine's record. */
    @Command(
            name = "forget",
            description =
                    "Drop the record of a machine at once, without asking it or its provider. Its agent is not let in again.",
            mixinStandardHelpOptions = true)
    static final class Machine extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        Machine(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            Forgotten answer = client.post(global.machinePath(machine) + "/forget", null, Forgotten.class);
            global.output().print(answer, () -> {
                world.out().println(machine + ": " + Table.clean(answer.message()));
                unmanaged(answer.remains(), world.clock().instant()).ifPresent(table -> table.print(world.out()));
            });
        }
    }

    /** What a machine had. */
    @Command(
            name = "removals",
            description =
                    "What was uninstalled from a machine or forgotten, newest first, with what each uninstall left.",
            mixinStandardHelpOptions = true)
    static final class Removals extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        Removals(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            List<RemovedView> all = client.list(global.machinePath(machine) + "/removals", RemovedView.class);
            global.output().print(all, () -> {
                if (all.isEmpty()) {
                    world.out().println("Nothing was removed from " + machine + " yet.");
                }
                all.forEach(gone -> {
                    String version = gone.version() == null ? "" : " " + gone.version();
                    world.out()
                            .println(Table.clean(gone.name() + ": " + gone.extension() + version + ", " + gone.how()
                                    + " " + Ages.ago(gone.at(), world.clock().instant()) + " ago"));
                    if (gone.report() != null) {
                        InstallationSheet.removal(world.out(), gone.report());
                    }
                });
            });
        }
    }

    static Optional<Table> unmanaged(List<UnmanagedView> all, Instant now) {
        if (all.isEmpty()) {
            return Optional.empty();
        }
        Table table = new Table("UNMANAGED", "EXTENSION", "VERSION", "LAST STATE", "SEEN");
        for (UnmanagedView view : all) {
            table.row(
                    view.name(),
                    view.extension(),
                    view.version() == null ? "-" : view.version(),
                    view.state(),
                    view.reported() ? Ages.ago(view.at(), now) + " ago" : "not since it was forgotten");
        }
        return Optional.of(table);
    }
}
