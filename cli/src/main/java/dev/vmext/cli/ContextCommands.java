package dev.vmext.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which control plane the command line talks to. */
@Command(
        name = "context",
        description = "The control planes this command line knows.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ContextCommands.ListAll.class, ContextCommands.Use.class, ContextCommands.Add.class})
final class ContextCommands implements Runnable {
    private final Surroundings world;

    ContextCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** All of them. */
    @Command(name = "list", description = "All contexts; the current one has a star.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        PublisherCommands.LocalOptions local;

        private final Surroundings world;

        ListAll(Surroundings world) {
            this.world = world;
            this.local = new PublisherCommands.LocalOptions(world);
        }

        @Override
        public Integer call() {
            Contexts.Contents all = new Contexts(world).read();
            local.output().print(all, () -> {
                Table table = new Table("", "CONTEXT", "API");
                all.contexts()
                        .forEach((name, context) ->
                                table.row(name.equals(all.current()) ? "*" : "", name, context.api()));
                table.print(world.out());
            });
            return 0;
        }
    }

    /** Chooses one. */
    @Command(name = "use", description = "Talk to this one from now on.", mixinStandardHelpOptions = true)
    static final class Use implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "CONTEXT")
        String name = "";

        private final Surroundings world;

        Use(Surroundings world) {
            this.world = world;
        }

        @Override
        public Integer call() {
            new Contexts(world).use(name);
            world.out().println("Now talking to " + name + ".");
            return 0;
        }
    }

    /** Adds one. */
    @Command(name = "add", description = "Add a control plane that runs elsewhere.", mixinStandardHelpOptions = true)
    static final class Add implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "CONTEXT")
        String name = "";

        @Option(
                names = "--api",
                paramLabel = "URL",
                required = true,
                description = "For example https://vmext.example.org.")
        @Nullable String api;

        @Option(
                names = "--token-file",
                paramLabel = "FILE",
                required = true,
                description = "A file with an API token; it stays where it is.")
        @Nullable String tokenFile;

        private final Surroundings world;

        Add(Surroundings world) {
            this.world = world;
        }

        @Override
        public Integer call() {
            String file = java.nio.file.Path.of(String.valueOf(tokenFile))
                    .toAbsolutePath()
                    .toString();
            new Contexts(world).put(name, new Contexts.Context(String.valueOf(api), file));
            world.out().println("Added " + name + "; it is the current context.");
            return 0;
        }
    }
}
