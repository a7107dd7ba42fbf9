package dev.vmext.cli;

import dev.vmext.protocol.api.AlertRuleView;
import dev.vmext.protocol.api.AlertRuleWrite;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The rules for alerts. */
@Command(
        name = "rule",
        description = "Rules for alerts: list, look at, write, switch on and off.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            AlertRuleCommands.ListAll.class,
            AlertRuleCommands.Show.class,
            AlertRuleCommands.Set.class,
            AlertRuleCommands.Enable.class,
            AlertRuleCommands.Disable.class,
            AlertRuleCommands.Delete.class,
        })
final class AlertRuleCommands implements Runnable {
    private final Surroundings world;

    AlertRuleCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    private static String path(GlobalOptions global, String name) {
        return global.projectPath() + "/alert-rules/" + ApiClient.segment(name);
    }

    /** When it is true, in one line. */
    private static String condition(AlertRuleWrite rule) {
        String signal = rule.metric()
                + (rule.dividedBy() == null ? "" : " / " + rule.dividedBy())
                + (rule.where() == null || rule.where().isEmpty() ? "" : " {" + String.join(", ", rule.where()) + "}");
        String combined =
                rule.combine() == null || rule.combine().equals("each") ? signal : rule.combine() + "(" + signal + ")";
        String compared = rule.comparison() + " " + rule.limit();
        String lasts = rule.lastsSeconds() == null || rule.lastsSeconds() == 0
                ? ""
                : " for " + Ages.length(Duration.ofSeconds(rule.lastsSeconds()));
        return switch (rule.kind()) {
            case "rate" -> combined + " per second " + compared + lasts;
            case "forecast" -> combined + " in " + length(rule.aheadSeconds()) + " " + compared + lasts;
            case "absence" -> combined + " missing for " + length(rule.windowSeconds());
            default -> combined + " " + compared + lasts;
        };
    }

    private static String length(@Nullable Integer seconds) {
        return seconds == null ? "?" : Ages.length(Duration.ofSeconds(seconds));
    }

    /** All rules. */
    @Command(name = "list", description = "All rules of the project.", mixinStandardHelpOptions = true)
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
                List<AlertRuleView> all = client.list(global.projectPath() + "/alert-rules", AlertRuleView.class);
                global.output().print(Map.of("items", all), () -> {
                    Table table = new Table("RULE", "SEVERITY", "ORIGIN", "ON", "FIRING", "TRUE WHEN");
                    for (AlertRuleView view : all) {
                        table.row(
                                view.name(),
                                view.rule().severity(),
                                view.origin(),
                                Boolean.FALSE.equals(view.rule().enabled()) ? "no" : "yes",
                                view.firing(),
                                condition(view.rule()));
                    }
                    table.print(world.out());
                });
                return 0;
            }
        }
    }

    /** What is done with one rule. */
    abstract static class OfOne implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "RULE", description = "Its name, see 'vmext alert rule list'.")
        String name = "";

        @Mixin
        GlobalOptions global;

        final Surroundings world;

        OfOne(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        void print(AlertRuleView view, String done) {
            global.output().print(view, () -> world.out().println(view.name() + ": " + done));
        }
    }

    /** One rule, whole. */
    @Command(
            name = "show",
            description = "One rule; with -o json in the form that 'set --file' reads.",
            mixinStandardHelpOptions = true)
    static final class Show extends OfOne {
        Show(Surroundings world) {
            super(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                AlertRuleView view = client.get(path(global, name), AlertRuleView.class);
                global.output().print(view.rule(), () -> {
                    AlertRuleWrite rule = view.rule();
                    world.out()
                            .println(view.name() + ": " + rule.severity() + ", " + view.origin() + ", "
                                    + (Boolean.FALSE.equals(rule.enabled()) ? "off" : "on"));
                    world.out().println("  true when  " + condition(rule));
                    world.out().println("  over after " + length(rule.clearsSeconds()) + " of not being true");
                    world.out().println("  says       " + rule.summary());
                    if (rule.hint() != null && !rule.hint().isEmpty()) {
                        world.out().println("  hint       " + rule.hint());
                    }
                    if (rule.machines() != null && !rule.machines().isEmpty()) {
                        world.out().println("  machines   " + rule.machines());
                    }
                    world.out().println("  firing     " + view.firing());
                });
                return 0;
            }
        }
    }

    /** Writes one. */
    @Command(
            name = "set",
            description = "Write a rule: a new one, or in the place of one of the same name.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {
                "  vmext alert rule set high-load --metric node_load1 --above 8 --for 5m \\",
                "      --summary 'The load of {machine} is {value}'",
                "  vmext alert rule show disk-full -o json > rule.json; vi rule.json",
                "  vmext alert rule set disk-full --file rule.json",
            })
    static final class Set extends OfOne {
        @Option(names = "--file", paramLabel = "FILE", description = "The whole rule as JSON; - for standard input.")
        @Nullable String file;

        @Option(names = "--metric", paramLabel = "NAME", description = "The metric to look at.")
        @Nullable String metric;

        @Option(
                names = "--where",
                paramLabel = "CONDITION",
                description = "On a label, such as mode=idle or fstype!~tmpfs; may be repeated.")
        List<String> where = List.of();

        @Option(names = "--above", paramLabel = "NUMBER", description = "True when the newest value is above.")
        @Nullable Double above;

        @Option(names = "--below", paramLabel = "NUMBER", description = "True when the newest value is below.")
        @Nullable Double below;

        @Option(names = "--rate", description = "Compare by how much it rises per second, not the newest value.")
        boolean rate;

        @Option(
                names = "--for",
                paramLabel = "TIME",
                converter = AgeConverter.class,
                description = "How long it must be true, such as 5m (default: an alert at once).")
        @Nullable Duration lasts;

        @Option(
                names = "--severity",
                paramLabel = "LEVEL",
                defaultValue = "medium",
                description = "info, low, medium, high or critical (default: medium).")
        String severity = "medium";

        @Option(names = "--summary", paramLabel = "TEXT", description = "What whoever is told reads.")
        @Nullable String summary;

        @Option(names = "--hint", paramLabel = "TEXT", description = "What to do about it.")
        @Nullable String hint;

        @Option(
                names = "--machines",
                paramLabel = "LABEL=VALUE",
                description = "Only machines with this label; may be repeated.")
        Map<String, String> machines = Map.of();

        Set(Surroundings world) {
            super(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            AlertRuleWrite rule = file == null ? fromOptions() : fromFile(file);
            try (ApiClient client = global.client()) {
                AlertRuleView view = client.put(path(global, name), rule, false, AlertRuleView.class);
                print(view, "true when " + condition(view.rule()));
                return 0;
            }
        }

        private AlertRuleWrite fromFile(String from) {
            if (metric != null || above != null || below != null) {
                throw refused("--file holds the whole rule, other options do not go with it", "leave them out");
            }
            return Json.read(TextFile.readOrInput(from, world), AlertRuleWrite.class, from);
        }

        private AlertRuleWrite fromOptions() {
            if (metric == null || (above == null) == (below == null)) {
                throw refused(
                        "it needs --metric and one of --above and --below",
                        "or the whole rule with --file; see vmext alert rule set --help");
            }
            return new AlertRuleWrite(
                    Optional.ofNullable(summary).orElse(metric + " of {machine} is {value}"),
                    hint,
                    severity,
                    machines,
                    metric,
                    where,
                    null,
                    null,
                    null,
                    rate ? "rate" : "threshold",
                    above == null ? "<" : ">",
                    above == null ? below : above,
                    null,
                    null,
                    null,
                    lasts == null ? null : Math.toIntExact(lasts.toSeconds()),
                    null,
                    null);
        }

        private ProblemException refused(String why, String hint) {
            return new ProblemException(
                    ProblemCode.INVALID_VALUE, "cannot write the rule " + Table.clean(name) + ": " + why, hint);
        }
    }

    /** On. */
    @Command(name = "enable", description = "Switch a rule on.", mixinStandardHelpOptions = true)
    static final class Enable extends OfOne {
        Enable(Surroundings world) {
            super(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                print(client.post(path(global, name) + "/enable", null, AlertRuleView.class), "on");
                return 0;
            }
        }
    }

    /** Off. */
    @Command(
            name = "disable",
            description = "Switch a rule off; its alerts are resolved.",
            mixinStandardHelpOptions = true)
    static final class Disable extends OfOne {
        Disable(Surroundings world) {
            super(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                print(client.post(path(global, name) + "/disable", null, AlertRuleView.class), "off");
                return 0;
            }
        }
    }

    /** Gone. */
    @Command(
            name = "delete",
            description = "Delete a rule of one's own, or put a changed one back to what comes with vmext.",
            mixinStandardHelpOptions = true)
    static final class Delete extends OfOne {
        Delete(Surroundings world) {
            super(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                client.delete(path(global, name));
                Optional<AlertRuleView> left = client.find(path(global, name), AlertRuleView.class);
                String done = left.isEmpty() ? "deleted" : "as it comes with vmext";
                global.output()
                        .print(
                                Map.of("rule", name, "state", done),
                                () -> world.out().println(name + ": " + done));
                return 0;
            }
        }
    }
}
