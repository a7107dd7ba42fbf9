package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Shows a machine and its installations while they come up. On a terminal the lines are redrawn in place; anywhere else each change is a
 * line of its own, so that a log reads well.
 */
final class MachineProgress {
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    private final Surroundings world;
    private final ApiClient client;
    private final PrintStream out;
    private final boolean redraw;
    private List<String> drawn = List.of();

    MachineProgress(Surroundings world, ApiClient client, PrintStream out) {
        this.world = world;
        this.client = client;
        this.out = out;
        this.redraw = world.terminal() && out.equals(world.out());
    }

    /** Waits until the machine is online and all its installations are healthy; fails as soon as one has failed for good. */
    void untilHealthy(String machinePath, Duration atMost) throws InterruptedException {
        Instant started = world.clock().instant();
        Instant end = started.plus(atMost);
        while (true) {
            MachineView machine = client.get(machinePath, MachineView.class);
            List<InstallationView> installations = client.list(machinePath + "/installations", InstallationView.class);
            draw(lines(machine, installations), started);
            if (machine.state().equals("online")
                    && installations.stream().allMatch(view -> view.healthy() && Waiter.settled(view))) {
                return;
            }
            refuseFailure(machine, installations);
            if (!world.clock().instant().isBefore(end)) {
                throw new ProblemException(
                        ProblemCode.WAIT_TIMED_OUT,
                        "cannot see " + machine.name() + " healthy within " + Ages.length(atMost) + "; it is "
                                + machine.state(),
                        "It goes on by itself. Look again with 'vmext machine show " + machine.name()
                                + "'; its console: 'vmext machine logs " + machine.name() + " --source console'.");
            }
            world.pause().forDuration(LOOK_EVERY);
        }
    }

    void untilGone(String machinePath, Duration atMost) throws InterruptedException {
        Instant end = world.clock().instant().plus(atMost);
        while (client.find(machinePath, MachineView.class).isPresent()) {
            if (!world.clock().instant().isBefore(end)) {
                throw new ProblemException(
                        ProblemCode.WAIT_TIMED_OUT,
                        "cannot see the machine gone within " + Ages.length(atMost),
                        "It goes on by itself. Look again with 'vmext machine list'.");
            }
            world.pause().forDuration(LOOK_EVERY);
        }
    }

    private static void refuseFailure(MachineView machine, List<InstallationView> installations) {
        Problem problem = machine.problem();
        if (problem != null) {
            throw new ProblemException(
                    ProblemCode.find(problem.code()).orElse(ProblemCode.MACHINE_START_FAILED),
                    problem.detail(),
                    problem.hint() + "\nWhen that is mended: vmext machine start " + machine.name());
        }
        for (InstallationView view : installations) {
            if (Waiter.settled(view) && !view.healthy() && !view.state().equals("ready")) {
                throw Waiter.failure(view);
            }
        }
    }

    private static List<String> lines(MachineView machine, List<InstallationView> installations) {
        List<String> lines = new ArrayList<>();
        String message = machine.message();
        Integer percent = machine.progress();
        lines.add(machine.name() + ": " + machine.state()
                + (message == null || message.isBlank()
                        ? ""
                        : " (" + Table.clean(message) + (percent == null ? "" : " " + percent + "%") + ")"));
        for (InstallationView view : installations) {
            lines.add("  " + Waiter.describe(view));
        }
        return lines;
    }

    private void draw(List<String> lines, Instant started) {
        Duration passed = Duration.between(started, world.clock().instant());
        if (redraw) {
            if (!drawn.isEmpty()) {
                out.print("\u001b[" + drawn.size() + "A");
            }
            for (String line : lines) {
                out.print("\r\u001b[2K" + stamp(passed) + fit(line) + "\n");
            }
            for (int i = lines.size(); i < drawn.size(); i++) {
                out.print("\r\u001b[2K\n");
            }
            out.flush();
            drawn = lines.size() >= drawn.size() ? List.copyOf(lines) : padded(lines, drawn.size());
            return;
        }
        for (int i = 0; i < lines.size(); i++) {
            if (i >= drawn.size() || !Objects.equals(drawn.get(i), lines.get(i))) {
                out.println(stamp(passed) + lines.get(i));
            }
        }
        drawn = List.copyOf(lines);
    }

    private static List<String> padded(List<String> lines, int size) {
        List<String> all = new ArrayList<>(lines);
        while (all.size() < size) {
            all.add("");
        }
        return all;
    }

    private static String stamp(Duration passed) {
        return String.format("  %3d s  ", passed.toSeconds());
    }

    /** A line that wraps would break the redrawing. */
    private static String fit(String line) {
        return line.length() > 110 ? line.substring(0, 107) + "..." : line;
    }
}
