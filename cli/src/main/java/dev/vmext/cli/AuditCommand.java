package dev.vmext.cli;

import dev.vmext.protocol.api.AuditEntry;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who did what. */
@Command(
        name = "audit",
        description = "Who changed what, newest first. The log is append-only and hash-chained.",
        mixinStandardHelpOptions = true)
final class AuditCommand implements Callable<Integer> {
    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "How many entries (default: ${DEFAULT-VALUE}).")
    int limit = 50;

    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    AuditCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            List<AuditEntry> entries = client.list("/v1/audit?limit=" + limit, AuditEntry.class);
            global.output().print(entries, () -> {
                Table table = new Table("NUMBER", "AT", "WHO", "DID", "TO", "DETAIL");
                for (AuditEntry entry : entries) {
                    table.row(
                            entry.number(), entry.at(), entry.actor(), entry.action(), entry.subject(), entry.detail());
                }
                table.print(world.out());
            });
            return 0;
        }
    }
}
