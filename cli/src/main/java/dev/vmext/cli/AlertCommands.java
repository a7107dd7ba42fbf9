package dev.vmext.cli;

import dev.vmext.protocol.api.AlertView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the rules say of the machines now. */
@Command(
        name = "alert",
        description = "Alerts: what the rules say of machines and metrics, and the rules themselves.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {AlertCommands.ListAll.class, AlertRuleCommands.class})
final class AlertCommands implements Runnable {
    private final Surroundings world;

    AlertCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** Those that are firing. */
    @Command(
            name = "list",
            description = "Alerts that are firing, newest first.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {
                "  vmext alert list                     what is wrong now",
                "  vmext alert list --machine web1 -a   of one machine, also what is about to become an alert",
                "  vmext finding list --type alert      the same as findings, with their history",
            })
    static final class ListAll implements Callable<Integer> {
        @Option(names = "--machine", paramLabel = "NAME", description = "Of this machine only.")
        @Nullable String machine;

        @Option(
                names = {"-a", "--all"},
                description = "Also what is true but not yet for long enough, and what was just resolved.")
        boolean all;

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
                List<AlertView> shown = client.list(global.projectPath() + "/alerts", AlertView.class).stream()
                        .filter(alert -> machine == null || machine.equals(alert.machine()))
                        .filter(alert -> all || alert.state().equals("firing"))
                        .toList();
                global.output().print(Map.of("items", shown), () -> print(shown));
                return 0;
            }
        }

        private void print(List<AlertView> shown) {
            if (shown.isEmpty()) {
                world.out().println(all ? "No rule is true of anything." : "No alerts. All is as the rules want it.");
                return;
            }
            Instant now = world.clock().instant();
            Table table = new Table("SEVERITY", "STATE", "MACHINE", "RULE", "SINCE", "WHAT");
            for (AlertView alert : shown) {
                table.row(
                        alert.severity(),
                        alert.state() + (alert.silenced() ? " (silenced)" : ""),
                        alert.machine(),
                        alert.rule(),
                        Ages.ago(alert.since(), now),
                        alert.summary());
            }
            table.print(world.out());
            Map<String, String> hints = new TreeMap<>();
            shown.stream()
                    .filter(alert -> !alert.hint().isEmpty())
                    .forEach(alert -> hints.putIfAbsent(alert.rule(), alert.hint()));
            if (!hints.isEmpty()) {
                world.out()
                        .println("\nWhat to do:\n"
                                + hints.entrySet().stream()
                                        .map(hint -> "  " + Table.clean(hint.getKey() + ": " + hint.getValue()))
                                        .collect(Collectors.joining("\n")));
            }
        }
    }
}
