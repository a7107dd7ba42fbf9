package dev.vmext.cli;

import dev.vmext.protocol.api.FindingAcknowledge;
import dev.vmext.protocol.api.FindingPage;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What was detected on the machines. */
@Command(
        name = "finding",
        description = "What extensions and alerts found: list, look at, acknowledge.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            FindingCommands.ListAll.class,
            FindingCommands.Show.class,
            FindingCommands.Acknowledge.class,
        })
final class FindingCommands implements Runnable {
    /** Enough letters of an id to be told from others, and to be typed. */
    private static final int SHORT_ID = 8;

    private static final int PAGE = 1000;

    private final Surroundings world;

    FindingCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** All that match. */
    @Command(
            name = "list",
            description = "Findings that are not resolved, seen last first.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {
                "  vmext finding list                                   what is open or acknowledged",
                "  vmext finding list --machine web1 --severity high    high and critical ones of one machine",
                "  vmext finding list --type malware-found --all        resolved ones too",
                "  vmext finding list -o json                           for programs",
            })
    static final class ListAll implements Callable<Integer> {
        @Option(names = "--machine", paramLabel = "NAME", description = "Of this machine.")
        @Nullable String machine;

        @Option(names = "--extension", paramLabel = "NAME", description = "Found by this extension.")
        @Nullable String extension;

        @Option(names = "--installation", paramLabel = "NAME", description = "Found by this installation.")
        @Nullable String installation;

        @Option(names = "--type", paramLabel = "TYPE", description = "Of this type, such as malware-found.")
        @Nullable String type;

        @Option(
                names = "--severity",
                paramLabel = "LEVEL",
                description = "This or worse: info, low, medium, high, critical.")
        @Nullable String severity;

        @Option(
                names = "--state",
                paramLabel = "STATE",
                split = ",",
                description = "open, acknowledged, resolved (default: open,acknowledged).")
        List<String> states = List.of();

        @Option(
                names = {"-a", "--all"},
                description = "Resolved ones too.")
        boolean all;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "200", description = "At most (default: 200).")
        int limit = 200;

        @Mixin
        GlobalOptions global;

        private final Surroundings world;

        ListAll(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            if (limit < 1) {
                throw new ProblemException(
                        ProblemCode.INVALID_VALUE, "cannot list findings: --limit is " + limit, "it begins at 1");
            }
            try (ApiClient client = global.client()) {
                List<FindingView> found = new ArrayList<>();
                String next = null;
                do {
                    FindingPage page = client.get(
                            global.projectPath() + "/findings" + query(next, Math.min(PAGE, limit - found.size())),
                            FindingPage.class);
                    found.addAll(page.items());
                    next = page.next();
                } while (next != null && found.size() < limit);
                boolean more = next != null;
                Output output = global.output();
                output.print(Map.of("items", found), () -> print(found));
                if (more) {
                    output.remarks()
                            .println("There are more; see --limit, or narrow it down with --machine and --severity.");
                }
                return 0;
            }
        }

        private String query(@Nullable String after, int most) {
            Map<String, @Nullable String> values = new LinkedHashMap<>();
            values.put("machine", machine);
            values.put("extension", extension);
            values.put("installation", installation);
            values.put("type", type);
            values.put("severity", severity);
            values.put("state", !states.isEmpty() ? String.join(",", states) : all ? null : "open,acknowledged");
            values.put("limit", String.valueOf(most));
            values.put("after", after);
            StringJoiner query = new StringJoiner("&", "?", "");
            values.forEach((name, value) -> {
                if (value != null) {
                    query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
                }
            });
            return query.toString();
        }

        private void print(List<FindingView> found) {
            if (found.isEmpty()) {
                world.out()
                        .println(
                                all || !states.isEmpty()
                                        ? "No findings match."
                                        : "No findings are open. Resolved ones: vmext finding list --all");
                return;
            }
            Instant now = world.clock().instant();
            Table table = new Table("FINDING", "SEVERITY", "STATE", "MACHINE", "TYPE", "SUBJECT", "SEEN", "TIMES");
            for (FindingView view : found) {
                table.row(
                        shortId(view.id()),
                        view.severity(),
                        view.state(),
                        view.machine().isEmpty() ? "-" : view.machine(),
                        view.type(),
                        shortened(view.subject()),
                        Ages.ago(view.lastSeen(), now),
                        view.count());
            }
            table.print(world.out());
        }

        private static String shortened(String text) {
            return text.length() <= 60 ? text : text.substring(0, 28) + "..." + text.substring(text.length() - 28);
        }
    }

    private static String shortId(String id) {
        return id.length() <= SHORT_ID ? id : id.substring(0, SHORT_ID);
    }

    /** What is done with one finding. */
    abstract static class OfOne implements Callable<Integer> {
        @Parameters(
                index = "0",
                paramLabel = "FINDING",
                description = "Its id or the beginning of it, see 'vmext finding list'.")
        String id = "";

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
                run(client, global.projectPath() + "/findings/" + ApiClient.segment(whole(client)));
                return 0;
            }
        }

        abstract void run(ApiClient client, String path) throws InterruptedException;

        /** Lists show the beginnings of ids. */
        private String whole(ApiClient client) throws InterruptedException {
            if (id.length() >= 36 || id.length() < 4) {
                return id;
            }
            List<String> matching = new ArrayList<>();
            String next = null;
            do {
                FindingPage page = client.get(
                        global.projectPath() + "/findings?limit=" + PAGE + (next == null ? "" : "&after=" + next),
                        FindingPage.class);
                page.items().stream()
                        .map(FindingView::id)
                        .filter(other -> other.startsWith(id))
                        .forEach(matching::add);
                next = page.next();
            } while (next != null);
            if (matching.size() > 1) {
                throw new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot tell which finding is meant: " + matching.size() + " ids begin with " + Table.clean(id),
                        "Give more of it: " + String.join(", ", matching.subList(0, Math.min(4, matching.size()))));
            }
            return matching.isEmpty() ? id : matching.getFirst();
        }
    }

    /** One, with its evidence. */
    @Command(
            name = "show",
            description = "One finding with its evidence.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  vmext finding show 5b2f90aa"})
    static final class Show extends OfOne {
        Show(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client, String path) throws InterruptedException {
            FindingView view = client.get(path, FindingView.class);
            global.output().print(view, () -> print(world.out(), view));
        }

        private static void print(PrintStream out, FindingView view) {
            out.println(view.severity() + " " + view.type() + ", " + view.state() + " since " + view.since()
                    + (view.resolution() == null ? "" : " (" + view.resolution() + ")"));
            if (!view.title().isEmpty()) {
                out.println("  " + Table.clean(view.title()));
            }
            out.println("  finding    " + view.id());
            out.println("  subject    " + Table.clean(view.subject()));
            out.println("  machine    " + (view.machine().isEmpty() ? "-" : Table.clean(view.machine())));
            out.println("  found by   "
                    + (view.installation().isEmpty()
                            ? view.source()
                            : Table.clean(view.installation()) + " (" + Table.clean(view.extension()) + ")"));
            out.println("  seen       " + view.count() + (view.count() == 1 ? " time, " : " times, from ")
                    + view.firstSeen() + (view.count() == 1 ? "" : " to " + view.lastSeen()));
            if (view.acknowledgedBy() != null) {
                out.println("  known to   " + Table.clean(view.acknowledgedBy()) + " since " + view.acknowledgedAt()
                        + (view.note() == null || view.note().isEmpty() ? "" : ": " + Table.clean(view.note())));
            }
            if (!view.evidence().isEmpty()) {
                out.println("  evidence");
                view.evidence()
                        .forEach((name, text) -> out.println("    " + Table.clean(name) + ": "
                                + Table.cleanBlock(text).replace("\n", "\n      ")));
            }
            if (view.state().equals("open")) {
                out.println("  what to do vmext finding acknowledge " + shortId(view.id())
                        + " --note 'who looks after it'; it resolves itself when it is not there any more");
            }
        }
    }

    /** Somebody knows. */
    @Command(
            name = "acknowledge",
            description =
                    "Say that somebody knows of a finding. It opens again when it becomes worse, or comes back after it was resolved.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  vmext finding acknowledge 5b2f90aa --note 'ticket 4711'"})
    static final class Acknowledge extends OfOne {
        @Option(
                names = "--note",
                paramLabel = "TEXT",
                description = "For whoever looks at it next, at most 500 characters.")
        @Nullable String note;

        Acknowledge(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client, String path) throws InterruptedException {
            FindingView view = client.post(path + "/acknowledge", new FindingAcknowledge(note), FindingView.class);
            global.output()
                    .print(
                            view,
                            () -> world.out()
                                    .println(shortId(view.id()) + ": acknowledged " + Table.clean(view.type()) + " "
                                            + Table.clean(view.subject())));
        }
    }
}
