package dev.vmext.cli;

import dev.vmext.protocol.api.WebhookCreate;
import dev.vmext.protocol.api.WebhookTest;
import dev.vmext.protocol.api.WebhookView;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who is sent what happens to findings. */
@Command(
        name = "webhook",
        description = "Send what happens to findings to a chat, a ticket system, a pager.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            WebhookCommands.ListAll.class,
            WebhookCommands.Show.class,
            WebhookCommands.Create.class,
            WebhookCommands.Test.class,
            WebhookCommands.Delete.class,
        })
final class WebhookCommands implements Runnable {
    private static final int SECRET_BYTES = 32;

    private final Surroundings world;

    WebhookCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** What they share. */
    abstract static class OfProject implements Callable<Integer> {
        @Mixin
        GlobalOptions global;

        final Surroundings world;

        OfProject(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public final Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                run(client, global.projectPath() + "/webhooks");
                return 0;
            }
        }

        abstract void run(ApiClient client, String webhooks) throws InterruptedException;
    }

    /** All of a project. */
    @Command(name = "list", description = "All webhooks, without their secrets.", mixinStandardHelpOptions = true)
    static final class ListAll extends OfProject {
        ListAll(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client, String webhooks) throws InterruptedException {
            List<WebhookView> all = client.list(webhooks, WebhookView.class);
            global.output().print(all, () -> {
                if (all.isEmpty()) {
                    world.out().println("No webhooks. One is made with: vmext webhook create NAME --url https://...");
                    return;
                }
                Instant now = world.clock().instant();
                Table table = new Table("WEBHOOK", "STATE", "WAITING", "LOST", "DELIVERED", "SEVERITY", "URL");
                for (WebhookView view : all) {
                    table.row(
                            view.name(),
                            view.failingSince() == null ? "ok" : "failing for " + Ages.ago(view.failingSince(), now),
                            view.waiting(),
                            view.lost(),
                            view.lastDelivered() == null ? "never" : Ages.ago(view.lastDelivered(), now),
                            view.severity(),
                            view.url());
                }
                table.print(world.out());
            });
        }
    }

    /** One. */
    @Command(name = "show", description = "One webhook and how its receiver is.", mixinStandardHelpOptions = true)
    static final class Show extends OfProject {
        @Parameters(index = "0", paramLabel = "WEBHOOK")
        String name = "";

        Show(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client, String webhooks) throws InterruptedException {
            WebhookView view = client.get(webhooks + "/" + ApiClient.segment(name), WebhookView.class);
            global.output().print(view, () -> print(world.out(), view));
        }

        private static void print(PrintStream out, WebhookView view) {
            out.println(view.name() + " sends to " + Table.clean(view.url()));
            out.println("  events     " + (view.events().isEmpty() ? "all" : String.join(", ", view.events())));
            out.println("  types      " + (view.types().isEmpty() ? "all" : String.join(", ", view.types())));
            out.println("  severity   " + view.severity() + " or worse");
            out.println("  made       " + view.createdAt() + " by " + Table.clean(view.createdBy()));
            out.println(
                    "  delivered  " + (view.lastDelivered() == null ? "nothing yet" : "last " + view.lastDelivered()));
            out.println("  waiting    " + view.waiting() + (view.lost() == 0 ? "" : ", given up " + view.lost()));
            if (view.failingSince() != null) {
                out.println("  failing    since " + view.failingSince() + ": "
                        + Table.clean(String.valueOf(view.lastError())));
                if (view.retryAt() != null) {
                    out.println("  next try   " + view.retryAt());
                }
            }
        }
    }

    /** Makes one. */
    @Command(
            name = "create",
            description = "Make a webhook. Its secret is printed once, when you do not bring your own.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {
                "  vmext webhook create pager --url https://pager.example.org/vmext --severity high",
                "  vmext webhook create tickets --url https://tickets.example.org/in --event finding.opened,finding.reopened",
                "  vmext webhook create siem --url https://siem.example.org/in --secret-file - < secret",
            })
    static final class Create extends OfProject {
        @Parameters(index = "0", paramLabel = "NAME", description = "Lower-case letters, digits and hyphens.")
        String name = "";

        @Option(names = "--url", required = true, paramLabel = "URL", description = "Where to, https.")
        String url = "";

        @Option(
                names = "--event",
                paramLabel = "EVENT",
                split = ",",
                description = "finding.opened, finding.reopened, finding.worsened, finding.acknowledged,"
                        + " finding.resolved (default: all).")
        List<String> events = List.of();

        @Option(names = "--type", paramLabel = "TYPE", split = ",", description = "Only findings of these types.")
        List<String> types = List.of();

        @Option(
                names = "--severity",
                paramLabel = "LEVEL",
                description = "Only findings as bad as this or worse: info, low, medium, high, critical.")
        @Nullable String severity;

        @Option(
                names = "--secret-file",
                paramLabel = "FILE",
                description = "Your own secret, whsec_ and base64 of 24 to 64 bytes; - is standard input.")
        @Nullable String secretFile;

        Create(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client, String webhooks) throws InterruptedException {
            String file = secretFile;
            String secret = file == null
                    ? newSecret()
                    : TextFile.readOrInput(file, world).strip();
            WebhookView made = client.post(
                    webhooks,
                    new WebhookCreate(
                            name,
                            url,
                            secret,
                            events.isEmpty() ? null : events,
                            types.isEmpty() ? null : types,
                            severity),
                    WebhookView.class);
            Object answer = file == null ? Map.of("webhook", made, "secret", secret) : Map.of("webhook", made);
            global.output().print(answer, () -> {
                world.err().println("Webhook " + made.name() + " is made; try it: vmext webhook test " + made.name());
                if (file == null) {
                    world.err().println("Its receiver checks messages with this secret; it is shown this once:");
                    world.out().println(secret);
                }
            });
        }

        private String newSecret() {
            byte[] bytes = new byte[SECRET_BYTES];
            world.random().nextBytes(bytes);
            return "whsec_" + Base64.getEncoder().encodeToString(bytes);
        }
    }

    /** Tries one. */
    @Command(
            name = "test",
            description = "Send a test message now and say what came of it.",
            mixinStandardHelpOptions = true)
    static final class Test extends OfProject {
        @Parameters(index = "0", paramLabel = "WEBHOOK")
        String name = "";

        Test(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client, String webhooks) throws InterruptedException {
            WebhookTest taken =
                    client.post(webhooks + "/" + ApiClient.segment(name) + "/test", null, WebhookTest.class);
            global.output()
                    .print(
                            taken,
                            () -> world.out()
                                    .println(name + ": taken, the receiver answered " + taken.status() + " (webhook-id "
                                            + taken.message() + ")"));
        }
    }

    /** Ends one. */
    @Command(
            name = "delete",
            description = "Send nothing more; what waits is dropped.",
            mixinStandardHelpOptions = true)
    static final class Delete extends OfProject {
        @Parameters(index = "0", paramLabel = "WEBHOOK")
        String name = "";

        Delete(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client, String webhooks) throws InterruptedException {
            client.delete(webhooks + "/" + ApiClient.segment(name));
            global.output()
                    .print(
                            Map.of("webhook", name, "state", "deleted"),
                            () -> world.out().println(name + ": deleted"));
        }
    }
}
