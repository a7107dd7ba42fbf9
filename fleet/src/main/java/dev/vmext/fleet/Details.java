package dev.vmext.fleet;

import dev.vmext.fleet.Installation.Conditions;
import dev.vmext.protocol.api.InstallationView.AttemptedView;
import dev.vmext.protocol.api.InstallationView.ItemView;
import dev.vmext.protocol.api.InstallationView.OrderView;
import dev.vmext.protocol.api.InstallationView.RemovalView;
import dev.vmext.protocol.api.InstallationView.UsageView;
import dev.vmext.protocol.api.RemovedView;
import dev.vmext.protocol.api.UnmanagedView;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.status.Attempted;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.RemovalReport;
import dev.vmext.protocol.status.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The parts of an installation's view that stand beside its state. Pure. */
final class Details {
    private Details() {}

    static Map<String, Long> deadlines(Conditions conditions) {
        Map<String, Long> seconds = new TreeMap<>();
        conditions.deadlines().forEach((command, deadline) -> seconds.put(command, deadline.toSeconds()));
        return seconds;
    }

    static @Nullable OrderView order(Machine machine, Installation installation) {
        Conditions conditions = installation.want().conditions();
        Order order = conditions.asOrder();
        Instant at = conditions.orderedAt();
        if (order == null || at == null) {
            return null;
        }
        return new OrderView(order.number(), order.kind().wire(), at, progress(machine, installation));
    }

    private static String progress(Machine machine, Installation installation) {
        long ordered = installation.placement().ordered();
        InstallationStatus observed = installation.observed();
        if (ordered > 0 && observed != null && observed.generation() >= ordered) {
            return "taken";
        }
        return ordered > 0 && ordered <= machine.goal().applied() ? "acknowledged" : "waiting-machine";
    }

    /** Cancel ends what is under way, retry and reset repeat what ended, release lets a held version try again. */
    static List<String> offered(InstallationState state, @Nullable InstallationStatus observed) {
        List<String> offered = new ArrayList<>();
        if (!state.terminal()) {
            offered.add(Order.Kind.CANCEL.wire());
        }
        switch (state) {
            case FAILED, TIMED_OUT, RETURNED -> {
                offered.add(Order.Kind.RETRY.wire());
                offered.add(Order.Kind.RESET.wire());
            }
            case READY -> offered.add(Order.Kind.RESET.wire());
            case WAITING_MACHINE,
                    PENDING,
                    WAITING_PACKAGE,
                    WAITING_LEASE,
                    BLOCKED,
                    INSTALLING,
                    ENABLING,
                    UPDATING,
                    DISABLING,
                    REMOVING,
                    REMOVED -> {}
        }
        Attempted attempted = observed == null ? null : observed.detail().attempted();
        if (attempted != null && attempted.heldUntil() != null) {
            offered.add(Order.Kind.RELEASE.wire());
        }
        return List.copyOf(offered);
    }

    static UnmanagedView unmanaged(Unmanaged unmanaged) {
        InstallationStatus status = unmanaged.status();
        return new UnmanagedView(
                status.name(),
                status.extension(),
                status.version(),
                status.state().wire(),
                unmanaged.at(),
                unmanaged.reported());
    }

    static RemovedView removed(Removal removal) {
        InstallationStatus last = removal.last();
        return new RemovedView(
                removal.machine(),
                last.name(),
                last.extension(),
                last.version(),
                removal.at(),
                removal.how().wire(),
                removal(last.detail().removal()));
    }

    static @Nullable AttemptedView attempted(@Nullable Attempted attempted) {
        return attempted == null
                ? null
                : new AttemptedView(
                        attempted.version(), Views.cause(attempted.cause()), attempted.at(), attempted.heldUntil());
    }

    static @Nullable UsageView usage(@Nullable Usage usage) {
        return usage == null
                ? null
                : new UsageView(
                        usage.budgeted(), usage.cpuMillis(), usage.memoryPeakKiB(), usage.tasksPeak(), usage.diskKiB());
    }

    static @Nullable RemovalView removal(@Nullable RemovalReport report) {
        return report == null
                ? null
                : new RemovalView(items(report.gone()), items(report.kept()), items(report.left()), report.more());
    }

    private static List<ItemView> items(List<RemovalReport.Item> items) {
        return items.stream()
                .map(item -> new ItemView(item.kind(), item.name()))
                .toList();
    }
}
