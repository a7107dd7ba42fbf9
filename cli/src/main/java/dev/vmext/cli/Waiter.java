package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Waits until an installation has what was asked for, and says on the way what it is waiting for. */
final class Waiter {
    private static final Duration LOOK_EVERY = Duration.ofMillis(400);

    private final Surroundings world;
    private final ApiClient client;
    private final PrintStream remarks;

    Waiter(Surroundings world, ApiClient client, PrintStream remarks) {
        this.world = world;
        this.client = client;
        this.remarks = remarks;
    }

    /** Waits until it is healthy; fails with the installation's own cause when it ended otherwise. */
    InstallationView untilHealthy(String path, Duration atMost) throws InterruptedException {
        Instant end = world.clock().instant().plus(atMost);
        String said = "";
        while (true) {
            InstallationView view = client.get(path, InstallationView.class);
            said = say(view, said);
            if (settled(view)) {
                if (view.healthy()) {
                    return view;
                }
                if (failed(view)) {
                    throw failure(view);
                }
            }
            pauseOrGiveUp(end, atMost, "cannot see " + view.name() + " healthy on " + view.machine(), said);
        }
    }

    /**
     * Waits until the machine has taken this order, and then until it has ended. A cancelled one ends as given up, which is what was
     * asked for; any other must become healthy.
     */
    InstallationView afterOrder(String path, long number, Order.Kind kind, Duration atMost)
            throws InterruptedException {
        Instant end = world.clock().instant().plus(atMost);
        String said = "";
        while (true) {
            InstallationView view = client.get(path, InstallationView.class);
            said = say(view, said);
            InstallationView.OrderView order = view.order();
            // Another order or a new target has taken its place: then what is wanted now is what counts.
            boolean waiting = order != null
                    && order.number() == number
                    && !order.progress().equals("taken");
            if (!waiting && ended(view)) {
                if (kind == Order.Kind.CANCEL || view.healthy() || (view.removing() && !failed(view))) {
                    return view;
                }
                if (failed(view)) {
                    throw failure(view);
                }
            }
            pauseOrGiveUp(
                    end,
                    atMost,
                    "cannot see " + kind.wire() + " of " + view.name() + " done on " + view.machine(),
                    said);
        }
    }

    private static boolean ended(InstallationView view) {
        return InstallationState.find(view.state())
                .map(InstallationState::terminal)
                .orElse(false);
    }

    /** Waits until it is gone. */
    void untilGone(String path, Duration atMost) throws InterruptedException {
        Instant end = world.clock().instant().plus(atMost);
        String said = "";
        while (true) {
            Optional<InstallationView> view = client.find(path, InstallationView.class);
            if (view.isEmpty()) {
                return;
            }
            said = say(view.get(), said);
            if (failed(view.get()) && settled(view.get())) {
                throw failure(view.get());
            }
            pauseOrGiveUp(
                    end,
                    atMost,
                    "cannot see " + view.get().name() + " gone from "
                            + view.get().machine(),
                    said);
        }
    }

    /** Whether the reported state belongs to what is wanted now. */
    static boolean settled(InstallationView view) {
        return view.appliedSequence() >= view.sequence()
                && InstallationState.find(view.state())
                        .map(InstallationState::terminal)
                        .orElse(false)
                && (view.removing() || !view.healthy() || view.version().equals(view.runningVersion()));
    }

    private static boolean failed(InstallationView view) {
        return InstallationState.find(view.state())
                .map(state -> switch (state) {
                    case FAILED, TIMED_OUT, RETURNED -> true;
                    case WAITING_MACHINE,
                            PENDING,
                            WAITING_PACKAGE,
                            WAITING_LEASE,
                            BLOCKED,
                            INSTALLING,
                            ENABLING,
                            READY,
                            UPDATING,
                            DISABLING,
                            REMOVING,
                            REMOVED -> false;
                })
                .orElse(false);
    }

    static ProblemException failure(InstallationView view) {
        InstallationView.CauseView cause = view.cause();
        String why = cause == null
                ? "state " + view.state()
                : cause.message() + " (" + cause.kind() + ", during " + cause.step() + ")";
        String hint = cause == null ? "" : cause.hint();
        String output = view.output().isBlank()
                ? ""
                : "Last output:\n" + Table.cleanBlock(view.output()).strip();
        return new ProblemException(
                ProblemCode.OPERATION_FAILED,
                view.name() + " (" + view.extension() + ") on " + view.machine() + ": " + view.state() + ": " + why,
                (hint + "\n" + output).strip());
    }

    private String say(InstallationView view, String said) {
        String now = describe(view);
        if (!now.equals(said)) {
            remarks.println("  " + now);
        }
        return now;
    }

    static String describe(InstallationView view) {
        StringBuilder text = new StringBuilder(view.name()).append(": ").append(view.state());
        InstallationView.CauseView cause = view.cause();
        InstallationView.StatusView status = view.status();
        if (cause != null) {
            text.append(" (").append(Table.clean(cause.message())).append(')');
        } else if (status != null && !status.message().isBlank()) {
            text.append(" (")
                    .append(firstLine(Table.cleanBlock(status.message())))
                    .append(')');
        }
        InstallationView.OverdueView overdue = view.overdue();
        if (overdue != null) {
            text.append("; overdue: ").append(Table.clean(overdue.cause().message()));
        }
        InstallationView.OrderView order = view.order();
        if (order != null && order.progress().equals("waiting-machine")) {
            text.append("; ").append(order.kind()).append(" waits until the machine hears of it");
        }
        return text.toString();
    }

    private static String firstLine(String text) {
        String line = text.strip().lines().findFirst().orElse("");
        return line.length() > 100 ? line.substring(0, 97) + "..." : line;
    }

    private void pauseOrGiveUp(Instant end, Duration atMost, String cannot, String said) throws InterruptedException {
        if (!world.clock().instant().isBefore(end)) {
            throw new ProblemException(
                    ProblemCode.WAIT_TIMED_OUT,
                    cannot + " within " + Ages.length(atMost) + "; last seen: " + said,
                    "It goes on by itself. Look again with 'vmext installation show', or wait longer with --timeout.");
        }
        world.pause().forDuration(LOOK_EVERY);
    }
}
