package dev.vmext.cli;

import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.problem.Problem;
import java.io.PrintStream;
import java.util.List;
import java.util.TreeMap;

/** Machines on paper, for a person: many as a table, one with all that is known of it. */
final class MachineSheet {
    private MachineSheet() {}

    static Table table(List<MachineView> all, Surroundings world) {
        Table table = new Table("MACHINE", "STATE", "PROVIDER", "SYSTEM", "AGENT", "HEALTHY", "LAST SEEN", "WHAT");
        for (MachineView view : all) {
            table.row(
                    view.name(),
                    view.state(),
                    view.provider(),
                    system(view),
                    view.facts().getOrDefault("agentVersion", "-"),
                    view.healthyInstallations() + "/" + view.installations(),
                    Ages.ago(view.lastSeen(), world.clock().instant()),
                    what(view));
        }
        return table;
    }

    private static String system(MachineView view) {
        String os = view.facts().getOrDefault("distro", view.facts().getOrDefault("os", ""));
        return os.isEmpty() ? "-" : (os + " " + view.facts().getOrDefault("osVersion", "")).strip();
    }

    private static String what(MachineView view) {
        String message = view.message();
        Integer progress = view.progress();
        String text = message == null ? "" : message;
        return progress == null ? text : text + " " + progress + "%";
    }

    static void print(Surroundings world, MachineView view) {
        PrintStream out = world.out();
        out.println(
                view.name() + ": " + view.state() + (what(view).isBlank() ? "" : " (" + Table.clean(what(view)) + ")"));
        Problem problem = view.problem();
        if (problem != null) {
            out.println("  problem    " + Table.clean(problem.detail()) + " (" + problem.code() + ")");
            out.println("  what to do " + Table.clean(problem.hint()));
        }
        out.println("  id         " + view.id());
        out.println("  provider   " + view.provider() + (view.power() == null ? "" : ", " + view.power()));
        if (view.cpus() != null || view.memoryMiB() != null) {
            out.println("  hardware   " + view.cpus() + " CPUs, " + view.memoryMiB() + " MiB memory, " + view.diskGiB()
                    + " GiB disk");
        }
        if (!view.labels().isEmpty()) {
            out.println("  labels     " + Table.clean(view.labels().toString()));
        }
        String mode = view.facts().get("trustMode");
        if (mode != null) {
            out.println("  trust mode " + Table.clean(mode));
        }
        out.println(
                "  goal       generation " + view.goalGeneration() + ", the machine has " + view.appliedGeneration());
        String seen = Ages.ago(view.lastSeen(), world.clock().instant());
        out.println("  last seen  " + (view.lastSeen() == null ? "never" : seen + " ago"));
        if (!view.facts().isEmpty()) {
            out.println("  what it told about itself");
            int width = view.facts().keySet().stream()
                    .mapToInt(String::length)
                    .max()
                    .orElse(0);
            new TreeMap<>(view.facts())
                    .forEach((key, value) -> out.println(
                            "    " + Table.clean(key) + " ".repeat(width - key.length()) + "  " + Table.clean(value)));
        }
    }
}
