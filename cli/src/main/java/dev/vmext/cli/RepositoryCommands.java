package dev.vmext.cli;

import dev.vmext.protocol.api.RepositoryKey;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.api.SnapshotView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Backup repositories on the control plane. */
@Command(
        name = "repository",
        description = "Backup repositories: how old the backups are, what is kept, whether they can be restored.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RepositoryCommands.ListAll.class,
            RepositoryCommands.Show.class,
            RepositoryCommands.Snapshots.class,
            RepositorySetCommand.class,
            RepositoryWorkCommands.Check.class,
            RepositoryWorkCommands.Prove.class,
            RepositoryWorkCommands.Replicate.class,
            RepositoryWorkCommands.Prune.class,
            RepositoryCommands.Key.class,
            RepositoryCommands.Delete.class,
        })
final class RepositoryCommands implements Runnable {
    private final Surroundings world;

    RepositoryCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** What those for one repository share. */
    abstract static class OfOne implements Callable<Integer> {
        @Parameters(
                index = "0",
                paramLabel = "MACHINE",
                description = "Its name; the id when the machine is gone and another one has its name.")
        String machine = "";

        @Parameters(index = "1", paramLabel = "INSTALLATION", description = "Whose repository it is.")
        String installation = "";

        @Mixin
        GlobalOptions global;

        final Surroundings world;

        OfOne(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public final Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                return run(client, global.machinePath(machine) + "/repositories/" + ApiClient.segment(installation));
            }
        }

        /** Answers the exit code. */
        abstract int run(ApiClient client, String path) throws InterruptedException;
    }

    /** All of a project. */
    @Command(
            name = "list",
            description = "All repositories: last backup, size, proof, second place.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Option(names = "--machine", paramLabel = "NAME", description = "Of this machine only.")
        @Nullable String machine;

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
                String path = (machine == null ? global.projectPath() : global.machinePath(machine)) + "/repositories";
                List<RepositoryView> all = client.list(path, RepositoryView.class);
                global.output().print(Map.of("items", all), () -> print(all));
                return 0;
            }
        }

        private void print(List<RepositoryView> all) {
            if (all.isEmpty()) {
                world.out()
                        .println("There are no backup repositories. A machine gets one with vmext.Backup:"
                                + " vmext install MACHINE vmext.Backup --set 'sources=[\"/etc\"]' --wait");
                return;
            }
            Instant now = world.clock().instant();
            Table table = new Table(
                    "MACHINE",
                    "INSTALLATION",
                    "LAST BACKUP",
                    "SNAPSHOTS",
                    "SIZE",
                    "IN A WEEK",
                    "CHECKED",
                    "PROVEN",
                    "SECOND PLACE");
            for (RepositoryView view : all) {
                var status = view.status();
                var check = status.lastCheck();
                table.row(
                        view.machine() + (view.machineExists() ? "" : " (gone)"),
                        view.installation() + (view.inUse() ? "" : " (not in use)"),
                        RepositorySheet.newest(view, now),
                        status.snapshots(),
                        RepositorySheet.size(status.bytes()),
                        (status.grownBytes() < 0 ? "-" : "+") + RepositorySheet.size(Math.abs(status.grownBytes())),
                        check == null ? "never" : (check.good() ? "" : "DAMAGED, ") + Ages.ago(check.at(), now),
                        RepositorySheet.proven(view, now),
                        RepositorySheet.replica(view, now));
            }
            table.print(world.out());
        }
    }

    /** One. */
    @Command(
            name = "show",
            description = "One repository: what is known of it and what is wanted of it.",
            mixinStandardHelpOptions = true)
    static final class Show extends OfOne {
        Show(Surroundings world) {
            super(world);
        }

        @Override
        int run(ApiClient client, String path) throws InterruptedException {
            RepositoryView view = client.get(path, RepositoryView.class);
            global.output()
                    .print(
                            view,
                            () -> RepositorySheet.print(
                                    world.out(), view, world.clock().instant()));
            return 0;
        }
    }

    /** What is in one. */
    @Command(
            name = "snapshots",
            description = "The backups in a repository, newest first.",
            mixinStandardHelpOptions = true)
    static final class Snapshots extends OfOne {
        Snapshots(Surroundings world) {
            super(world);
        }

        @Override
        int run(ApiClient client, String path) throws InterruptedException {
            List<SnapshotView> all = client.list(path + "/snapshots", SnapshotView.class);
            global.output().print(Map.of("items", all), () -> {
                if (all.isEmpty()) {
                    world.out().println("There is no backup yet.");
                    return;
                }
                Instant now = world.clock().instant();
                Table table = new Table("SNAPSHOT", "TAKEN", "AGE", "HOST", "PATHS", "TAGS");
                for (SnapshotView one : all) {
                    table.row(
                            one.id().substring(0, 8),
                            one.time(),
                            Ages.length(Duration.between(one.time(), now)),
                            one.host(),
                            String.join(" ", one.paths()),
                            String.join(" ", one.tags()));
                }
                table.print(world.out());
            });
            return 0;
        }
    }

    /** Escrow. */
    @Command(
            name = "key",
            description = "The password of a repository, to get at its backups with restic and without this control"
                    + " plane. Whoever has it and the files can read everything; each time is in the audit log.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {
                "  vmext repository key web1 backup > web1-backup.key     keep it off this host",
            })
    static final class Key extends OfOne {
        Key(Surroundings world) {
            super(world);
        }

        @Override
        int run(ApiClient client, String path) throws InterruptedException {
            RepositoryKey key = client.post(path + "/key", null, RepositoryKey.class);
            global.output().print(key, () -> world.out().println(key.password()));
            return 0;
        }
    }

    /** Takes one away for good. */
    @Command(
            name = "delete",
            description = "Delete a repository that no installation uses, with all backups in it.",
            mixinStandardHelpOptions = true)
    static final class Delete extends OfOne {
        @Option(
                names = "--all-backups-in-it",
                required = true,
                description = "Say that you mean it: nothing brings them back but a second place.")
        boolean meant;

        Delete(Surroundings world) {
            super(world);
        }

        @Override
        int run(ApiClient client, String path) throws InterruptedException {
            client.delete(path);
            global.output()
                    .print(
                            Map.of("deleted", installation),
                            () -> world.out()
                                    .println("The backups of " + installation + " of machine " + machine
                                            + " are deleted."));
            return 0;
        }
    }
}
