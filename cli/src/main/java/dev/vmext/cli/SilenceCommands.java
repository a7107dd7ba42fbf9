package dev.vmext.cli;

import dev.vmext.protocol.api.SilenceCreate;
import dev.vmext.protocol.api.SilenceView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Times in which nobody is told of some alerts. */
@Command(
        name = "silence",
        description = "Silences: nobody is told of alerts that fit, for a time; they stay in sight.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SilenceCommands.Create.class, SilenceCommands.ListAll.class, SilenceCommands.End.class})
final class SilenceCommands implements Runnable {
    private final Surroundings world;

    SilenceCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    private static String path(GlobalOptions global) {
        return global.projectPath() + "/silences";
    }

    /** Makes one. */
    @Command(
            name = "create",
            description = "Silence alerts that fit all conditions.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {
                "  vmext silence create machine=web1 --for 2h --comment 'new disk'",
                "  vmext silence create rule=~disk.* machine_label_env=test --for 7d --comment 'test machines fill up'",
            })
    static final class Create implements Callable<Integer> {
        @Parameters(
                arity = "1..*",
                paramLabel = "CONDITION",
                description = "On rule, machine, severity, machine_label_NAME or a label of the metric.")
        List<String> matchers = List.of();

        @Option(
                names = "--for",
                required = true,
                paramLabel = "TIME",
                converter = AgeConverter.class,
                description = "How long, such as 30m, 2h or 7d; at most 90d.")
        Duration time = Duration.ZERO;

        @Option(names = "--comment", required = true, paramLabel = "TEXT", description = "Why.")
        String comment = "";

        @Mixin
        GlobalOptions global;

        private final Surroundings world;

        Create(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                int seconds = (int) Math.min(Integer.MAX_VALUE, time.toSeconds());
                SilenceView made = client.post(
                        path(global), new SilenceCreate(matchers, comment, null, seconds), SilenceView.class);
                global.output()
                        .print(
                                made,
                                () -> world.out()
                                        .println(made.id() + ": silent until " + made.until() + "; it covers "
                                                + made.covers() + (made.covers() == 1 ? " alert" : " alerts")
                                                + " now"));
                return 0;
            }
        }
    }

    /** All of them. */
    @Command(
            name = "list",
            description = "Silences, newest first; those that were over a week ago are forgotten.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
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
                List<SilenceView> all = client.list(path(global), SilenceView.class);
                global.output().print(Map.of("items", all), () -> print(all));
                return 0;
            }
        }

        private void print(List<SilenceView> all) {
            if (all.isEmpty()) {
                world.out().println("No silences.");
                return;
            }
            Instant now = world.clock().instant();
            Table table = new Table("SILENCE", "STATE", "CONDITIONS", "LEFT", "COVERS", "BY", "COMMENT");
            for (SilenceView silence : all) {
                table.row(
                        silence.id(),
                        silence.state(),
                        String.join(" ", silence.matchers()),
                        silence.state().equals("over") ? "-" : Ages.length(Duration.between(now, silence.until())),
                        silence.covers(),
                        silence.createdBy(),
                        silence.comment());
            }
            table.print(world.out());
        }
    }

    /** Over. */
    @Command(name = "end", description = "End a silence now.", mixinStandardHelpOptions = true)
    static final class End implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "SILENCE", description = "Its id, see 'vmext silence list'.")
        String id = "";

        @Mixin
        GlobalOptions global;

        private final Surroundings world;

        End(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                client.delete(path(global) + "/" + ApiClient.segment(id));
                global.output()
                        .print(
                                Map.of("silence", id, "state", "over"),
                                () -> world.out().println(id + ": over"));
                return 0;
            }
        }
    }
}
