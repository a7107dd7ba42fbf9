package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationView.AttemptedView;
import dev.vmext.protocol.api.InstallationView.CauseView;
import dev.vmext.protocol.api.InstallationView.ItemView;
import dev.vmext.protocol.api.InstallationView.OrderView;
import dev.vmext.protocol.api.InstallationView.OverdueView;
import dev.vmext.protocol.api.InstallationView.RemovalView;
import dev.vmext.protocol.api.InstallationView.StatusView;
import dev.vmext.protocol.api.InstallationView.SubstatusView;
import dev.vmext.protocol.api.InstallationView.UsageView;
import dev.vmext.protocol.status.CauseClass;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** One installation on paper, for a person: what runs, what was attempted and why not, what it waits for. */
final class InstallationSheet {
    private static final int SHOWN_ITEMS = 20;

    private final PrintStream out;
    private final Instant now;
    private final InstallationView view;

    private InstallationSheet(Surroundings world, InstallationView view) {
        this.out = world.out();
        this.now = world.clock().instant();
        this.view = view;
    }

    /** Prints everything, or only where it stands and how to follow it. */
    static void print(Surroundings world, InstallationView view, boolean whole) {
        InstallationSheet sheet = new InstallationSheet(world, view);
        sheet.head();
        if (whole) {
            sheet.rest();
        } else {
            sheet.order();
            world.out().println("  Follow it: vmext installation show " + view.machine() + " " + view.name());
        }
    }

    private void head() {
        out.println(view.name() + " on " + view.machine() + ": " + view.extension() + " " + view.version());
        out.println("  state      " + view.state() + (view.healthy() ? ", healthy" : "") + ", for "
                + Ages.ago(view.stateSince(), now) + (view.removing() ? ", being removed" : ""));
    }

    private void rest() {
        String running = view.runningVersion();
        out.println("  runs       " + (running == null ? "nothing" : running));
        attempted();
        order();
        if (!view.versionState().equals("active")) {
            out.println("  version    " + view.version() + " is marked " + view.versionState());
        }
        OverdueView overdue = view.overdue();
        if (overdue != null) {
            out.println("  overdue    for " + Ages.ago(overdue.since(), now));
            cause("  because", overdue.cause());
        }
        if (view.expiresAt() != null && view.state().equals("waiting-machine")) {
            out.println("  expires    " + view.expiresAt() + ", when the machine has not acknowledged it by then");
        }
        CauseView cause = view.cause();
        if (cause != null) {
            cause("cause", cause);
        }
        handler();
        out.println("  settings   sequence " + view.sequence()
                + (view.appliedSequence() == view.sequence()
                        ? ", applied"
                        : view.appliedSequence() < 0
                                ? ", not applied yet"
                                : ", applied so far: " + view.appliedSequence()));
        view.settings().forEach((key, value) -> out.println("    " + Table.clean(key + " = " + shortened(value))));
        view.protectedKeys().forEach(key -> out.println("    " + Table.clean(key) + " = (protected)"));
        if (!view.deadlines().isEmpty()) {
            out.println("  deadlines  "
                    + new TreeMap<>(view.deadlines())
                            .entrySet().stream()
                                    .map(one -> one.getKey() + " " + Ages.length(Duration.ofSeconds(one.getValue())))
                                    .collect(Collectors.joining(", ")));
        }
        usage();
        RemovalView removal = view.removal();
        if (removal != null) {
            removal(out, removal);
        }
        if (view.exitCode() != null) {
            out.println("  last exit  " + view.exitCode() + ", attempt " + view.attempt());
        }
        if (!view.output().isBlank()) {
            out.println("  last output");
            block(view.output());
        }
    }

    private void attempted() {
        AttemptedView attempted = view.attempted();
        if (attempted == null) {
            return;
        }
        out.println("  attempted  " + Table.clean(attempted.version()) + ", given up " + Ages.ago(attempted.at(), now)
                + " ago");
        cause("  because", attempted.cause());
        Instant held = attempted.heldUntil();
        if (held != null) {
            out.println("             not tried again by itself before " + held
                    + (now.isBefore(held) ? ", in " + Ages.length(Duration.between(now, held)) : "")
                    + "; at once: vmext installation release " + view.machine() + " " + view.name());
        }
    }

    private void order() {
        OrderView order = view.order();
        if (order == null) {
            return;
        }
        String progress = switch (order.progress()) {
            case "waiting-machine" -> "waits until the machine hears of it";
            case "acknowledged" -> "the machine has it";
            default -> "taken by the machine";
        };
        out.println("  order      " + order.kind() + ", given " + Ages.ago(order.at(), now) + " ago: " + progress);
    }

    private void cause(String label, CauseView cause) {
        out.println("  " + label + " ".repeat(11 - label.length()) + cause.kind() + " during " + cause.step() + ": "
                + Table.clean(cause.message()));
        Map<String, String> evidence = new TreeMap<>(cause.evidence());
        if (CauseClass.LOCK.wire().equals(cause.kind()) && evidence.containsKey("pid")) {
            String pid = evidence.remove("pid");
            String command = evidence.remove("command");
            out.println("             waits for pid " + Table.clean(pid + (command == null ? "" : ": " + command)));
        }
        evidence.forEach((key, value) -> out.println("               " + Table.clean(key + ": " + value)));
        if (!cause.hint().isBlank()) {
            out.println("  what to do " + Table.clean(cause.hint()));
        }
    }

    private void handler() {
        StatusView status = view.status();
        if (status == null) {
            return;
        }
        out.println("  handler    " + status.status()
                + (status.operation().isBlank() ? "" : " after " + status.operation()) + ", code " + status.code());
        block(status.message());
        for (SubstatusView part : status.substatus()) {
            out.println("    " + Table.clean(part.name()) + ": " + part.status() + ", code " + part.code());
            block(part.message());
        }
    }

    private void usage() {
        UsageView usage = view.usage();
        if (usage == null) {
            return;
        }
        out.println("  usage      " + (usage.budgeted() ? "limits are enforced" : "measured, limited by nothing"));
        Table table = new Table("    PROCESSOR", "MEMORY PEAK", "TASKS PEAK", "DISK");
        table.row(
                "    " + seconds(usage.cpuMillis()),
                usage.memoryPeakKiB() == 0 ? "-" : size(usage.memoryPeakKiB()),
                usage.tasksPeak() == 0 ? "-" : String.valueOf(usage.tasksPeak()),
                size(usage.diskKiB()));
        table.print(out);
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }

    /** 1024 based, as the kernel counts. */
    static String size(long kib) {
        if (kib < 1024) {
            return kib + " KiB";
        }
        return kib < 1024 * 1024
                ? String.format(Locale.ROOT, "%.1f MiB", kib / 1024.0)
                : String.format(Locale.ROOT, "%.1f GiB", kib / 1024.0 / 1024.0);
    }

    /** What an uninstall did. What was left behind comes first: it is what somebody may have to do something about. */
    static void removal(PrintStream out, RemovalView removal) {
        out.println("  removal    " + removal.gone().size() + " gone, "
                + removal.kept().size() + " kept as declared, "
                + removal.left().size() + " left behind"
                + (removal.more() > 0 ? ", " + removal.more() + " more not listed" : ""));
        items(out, "left", removal.left(), Integer.MAX_VALUE);
        items(out, "kept", removal.kept(), Integer.MAX_VALUE);
        items(out, "gone", removal.gone(), SHOWN_ITEMS);
    }

    private static void items(PrintStream out, String word, List<ItemView> items, int most) {
        items.stream()
                .limit(most)
                .forEach(item -> out.println("    " + word + "  " + Table.clean(item.kind() + " " + item.name())));
        if (items.size() > most) {
            out.println("    " + word + "  and " + (items.size() - most) + " more; -o json lists all");
        }
    }

    private static String shortened(Object value) {
        String text = value instanceof String plain
                ? plain
                : Json.MAPPER.valueToTree(value).toString();
        return text.length() > 120 ? text.substring(0, 117) + "..." : text;
    }

    private void block(String text) {
        Table.cleanBlock(text).strip().lines().forEach(line -> out.println("      " + line));
    }
}
