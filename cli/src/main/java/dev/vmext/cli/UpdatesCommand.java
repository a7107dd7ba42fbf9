package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.MetricRange;
import dev.vmext.protocol.api.MetricRangeSeries;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Which updates of the operating system are missing, from what vmext.Updates measures and reports. */
@Command(
        name = "updates",
        description = {
            "Which updates of the operating system are missing: of all machines, or one machine with its packages.",
            "Machines tell it through the extension vmext.Updates. What was not told for a day counts as unknown."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  vmext updates                 every machine, whether it complies",
            "  vmext updates web1            its packages and maintenance windows",
            "  vmext updates -o json"
        })
final class UpdatesCommand extends MachineCommand {
    private static final String EXTENSION = "vmext.Updates";
    private static final Duration KNOWN = Duration.ofDays(1);
    /** In this order below the first line. */
    private static final List<String> PARTS =
            List.of("assessment", "missing", "last-install", "windows", "restart", "others");

    @Parameters(index = "0", paramLabel = "MACHINE", arity = "0..1", description = "Its name (default: all machines).")
    @Nullable String machine;

    /**
     * One machine, as {@code -o json} prints it.
     *
     * @param compliance compliant, overdue or unknown
     * @param security missing security updates, null when unknown
     */
    record Line(
            String machine,
            String compliance,
            @Nullable Long security,
            @Nullable Long other,
            @Nullable Long overdue,
            @Nullable Boolean restartNeeded,
            @Nullable Instant assessedAt) {}

    UpdatesCommand(Surroundings world) {
        super(world);
    }

    @Override
    void run(ApiClient client) throws InterruptedException {
        if (machine == null) {
            fleet(client);
        } else {
            one(client, machine);
        }
    }

    private void fleet(ApiClient client) throws InterruptedException {
        Map<String, Double> security = newest(client, "vmext_updates_missing", "class=security");
        Map<String, Double> other = newest(client, "vmext_updates_missing", "class=other");
        Map<String, Double> overdueSecurity = newest(client, "vmext_updates_overdue", "class=security");
        Map<String, Double> overdueOther = newest(client, "vmext_updates_overdue", "class=other");
        Map<String, Double> restart = newest(client, "vmext_updates_reboot_needed", "");
        Map<String, Double> compliant = newest(client, "vmext_updates_compliant", "");
        Map<String, Double> assessed = newest(client, "vmext_updates_last_assessment_timestamp_seconds", "");
        List<Line> lines = new ArrayList<>();
        for (MachineView view : client.list(global.projectPath() + "/machines", MachineView.class)) {
            String name = view.name();
            Double complies = compliant.get(name);
            Double needed = restart.get(name);
            Double at = assessed.get(name);
            lines.add(new Line(
                    name,
                    complies == null ? "unknown" : complies > 0 ? "compliant" : "overdue",
                    whole(security.get(name)),
                    whole(other.get(name)),
                    sum(overdueSecurity.get(name), overdueOther.get(name)),
                    needed == null ? null : needed > 0,
                    at == null ? null : Instant.ofEpochSecond(at.longValue())));
        }
        global.output().print(Map.of("items", lines), () -> print(lines));
    }

    private void print(List<Line> lines) {
        if (lines.isEmpty()) {
            world.out().println("There are no machines. 'vmext machine create NAME' makes one.");
            return;
        }
        Table table = new Table("MACHINE", "COMPLIANCE", "SECURITY", "OTHER", "OVERDUE", "RESTART", "ASSESSED");
        for (Line line : lines) {
            Boolean restart = line.restartNeeded();
            table.row(
                    line.machine(),
                    line.compliance(),
                    shown(line.security()),
                    shown(line.other()),
                    shown(line.overdue()),
                    restart == null ? "-" : restart ? "needed" : "no",
                    Ages.ago(line.assessedAt(), world.clock().instant()));
        }
        table.print(world.out());
        long compliant =
                lines.stream().filter(l -> l.compliance().equals("compliant")).count();
        long unknown =
                lines.stream().filter(l -> l.compliance().equals("unknown")).count();
        world.out()
                .println(compliant + " of " + lines.size() + " machines comply"
                        + (unknown == 0 ? "" : ", " + unknown + " unknown"));
        if (unknown > 0) {
            world.out()
                    .println("Unknown machines told nothing for a day; 'vmext install MACHINE " + EXTENSION
                            + " --wait' makes one tell.");
        }
    }

    private void one(ApiClient client, String name) throws InterruptedException {
        List<InstallationView> found =
                client.list(global.machinePath(name) + "/installations", InstallationView.class).stream()
                        .filter(view -> view.extension().equals(EXTENSION))
                        .toList();
        global.output().print(Map.of("items", found), () -> {
            if (found.isEmpty()) {
                world.out().println("Machine " + name + " has no " + EXTENSION + ".");
                world.out().println("Install it: vmext install " + name + " " + EXTENSION + " --wait");
            }
            found.forEach(this::sheet);
        });
    }

    private void sheet(InstallationView view) {
        InstallationView.StatusView status = view.status();
        world.out()
                .println(view.machine() + ": " + view.state()
                        + (status == null ? ", nothing was reported yet" : ", " + status.message()));
        if (status == null) {
            return;
        }
        for (String part : PARTS) {
            for (InstallationView.SubstatusView sub : status.substatus()) {
                if (sub.name().equals(part)) {
                    world.out().println();
                    world.out()
                            .println(part.replace('-', ' ')
                                    + (sub.status().equals("success") ? "" : " (" + sub.status() + ")"));
                    if (part.equals("missing")) {
                        packages(sub.message());
                    } else {
                        sub.message().lines().forEach(line -> world.out().println("  " + line));
                    }
                }
            }
        }
    }

    /** Lines of {@code class name installed new since plan}. */
    private void packages(String text) {
        Table table = new Table("CLASS", "PACKAGE", "INSTALLED", "NEW", "KNOWN SINCE", "PLAN");
        List<String> others = new ArrayList<>();
        boolean any = false;
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words.length == 6) {
                any = true;
                table.row(words[0], words[1], words[2], words[3], words[4], plan(words[5]));
            } else {
                others.add(line);
            }
        }
        if (any) {
            table.print(world.out());
        }
        others.forEach(line -> world.out().println("  " + line));
    }

    private static String plan(String word) {
        return switch (word) {
            case "install" -> "next window";
            case "class" -> "class not chosen";
            case "excluded" -> "excluded";
            case "not-included" -> "not included";
            default -> word;
        };
    }

    /** The newest value of each machine in the last day. */
    private Map<String, Double> newest(ApiClient client, String metric, String match) throws InterruptedException {
        Instant to = world.clock().instant();
        MetricRange range = client.get(
                global.projectPath() + "/metrics/range?name=" + metric
                        + (match.isEmpty() ? "" : "&match=" + encoded(match))
                        + "&from=" + encoded(to.minus(KNOWN).toString()) + "&to=" + encoded(to.toString())
                        + "&step=" + KNOWN.toHours() + "h&aggregate=last&by=machine",
                MetricRange.class);
        Map<String, Double> newest = new HashMap<>();
        for (MetricRangeSeries series : range.series()) {
            String name = series.labels().get("machine");
            for (Double value : series.values()) {
                if (name != null && value != null) {
                    newest.put(name, value);
                }
            }
        }
        return newest;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static @Nullable Long whole(@Nullable Double value) {
        return value == null ? null : Math.round(value);
    }

    private static @Nullable Long sum(@Nullable Double one, @Nullable Double two) {
        return one == null || two == null ? null : Math.round(one + two);
    }

    private static String shown(@Nullable Long value) {
        return value == null ? "-" : value.toString();
    }
}
