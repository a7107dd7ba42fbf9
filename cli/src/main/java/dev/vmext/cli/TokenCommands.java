package dev.vmext.cli;

import dev.vmext.protocol.api.TokenCreate;
import dev.vmext.protocol.api.TokenSecret;
import dev.vmext.protocol.api.TokenView;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** API tokens: what people and programs sign in with. */
@Command(
        name = "token",
        description = "API tokens: list, make, revoke.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {TokenCommands.ListAll.class, TokenCommands.Create.class, TokenCommands.Revoke.class})
final class TokenCommands implements Runnable {
    private final Surroundings world;

    TokenCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** All tokens. */
    @Command(name = "list", description = "All tokens, without their secrets.", mixinStandardHelpOptions = true)
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
                List<TokenView> all = client.list("/v1/tokens", TokenView.class);
                global.output().print(all, () -> {
                    Table table = new Table("TOKEN", "HOLDER", "AGE", "MAY");
                    all.forEach(token -> table.row(
                            token.id(),
                            token.subject(),
                            Ages.ago(token.createdAt(), world.clock().instant()),
                            String.join(", ", token.permissions())));
                    table.print(world.out());
                });
                return 0;
            }
        }
    }

    /** Makes one. */
    @Command(
            name = "create",
            description = "Make a token. Its secret is printed once and kept nowhere.",
            mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "HOLDER", description = "Who will use it; stands in the audit log.")
        String subject = "";

        @Option(
                names = "--may",
                paramLabel = "PERMISSION",
                split = ",",
                description = "For example read,installation-write (default: all that you may).")
        List<String> permissions = List.of();

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
                TokenSecret made = client.post(
                        "/v1/tokens",
                        new TokenCreate(subject, permissions.isEmpty() ? null : permissions),
                        TokenSecret.class);
                Output output = global.output();
                output.print(made, () -> {
                    world.err().println("Token " + made.token().id() + " of " + subject + "; it is shown this once:");
                    world.out().println(made.secret());
                });
                return 0;
            }
        }
    }

    /** Ends one. */
    @Command(
            name = "revoke",
            description =
                    "Revoke a token, and end the sessions of its holder. The last one that may let people in stays.",
            mixinStandardHelpOptions = true)
    static final class Revoke implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "TOKEN", description = "Its id, see 'vmext token list'.")
        String id = "";

        @Mixin
        GlobalOptions global;

        private final Surroundings world;

        Revoke(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                client.delete("/v1/tokens/" + ApiClient.segment(id));
                global.output()
                        .print(
                                Map.of("token", id, "state", "revoked"),
                                () -> world.out().println(id + ": revoked"));
                return 0;
            }
        }
    }
}
