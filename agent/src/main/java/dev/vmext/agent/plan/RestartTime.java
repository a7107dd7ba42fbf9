package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.RebootRequest;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Whether the machine may be restarted now for handlers that asked for it. Pure. */
final class RestartTime {
    private RestartTime() {}

    /**
     * Now, when it was asked for and nothing is under way or could still go on without it, of ours or of strangers: a machine that goes
     * down while somebody works with its packages comes up with half of them.
     */
    static Restart of(Map<String, Entry> entries, Observed observed, List<Decision> decisions) {
        List<Entry> asking = entries.values().stream()
                .filter(entry -> asks(entry, observed))
                .sorted(Comparator.comparing(Entry::name))
                .toList();
        boolean quiet = entries.values().stream().allMatch(entry -> entry.intent() == null && !comesToRest(entry))
                && decisions.stream().allMatch(RestartTime::waits);
        if (asking.isEmpty()
                || !quiet
                || !observed.mayRestart()
                || !observed.mode().allowsChanges()) {
            return new Restart.NotNow();
        }
        LockView view = observed.locks().get(Lease.PACKAGE_MANAGER);
        return view == null || !view.holders().isEmpty() || !view.fresh(observed.now())
                ? new Restart.Look(Lease.PACKAGE_MANAGER)
                : new Restart.Now(asking.stream()
                        .map(entry -> entry.name() + ": " + pending(entry).reason())
                        .collect(Collectors.joining("; ")));
    }

    /** What an operator cancelled does not restart the machine any more; a retry asks again. */
    private static boolean asks(Entry entry, Observed observed) {
        RebootRequest request = entry.memory().reboot();
        Failure failure = entry.failure();
        boolean cancelled = failure != null && failure.cause().kind() == CauseClass.CANCELLED;
        return request != null
                && !cancelled
                && request.restartedAt() == null
                && request.boot().equals(observed.boot());
    }

    private static RebootRequest pending(Entry entry) {
        return Objects.requireNonNull(entry.memory().reboot());
    }

    /** A handler still works, or a step is tried again soon. */
    private static boolean comesToRest(Entry entry) {
        boolean settles = entry.settleBy() != null
                && entry.memory().reboot() == null
                && !entry.status().state().terminal();
        Failure failure = entry.failure();
        return settles || (failure != null && failure.retryAt() != null);
    }

    private static boolean waits(Decision decision) {
        return switch (decision) {
            case Decision.Rest _ -> true;
            // Somebody else works with packages: the worst moment of all.
            case Decision.Await(String _, InstallationState state, Cause _) -> state != InstallationState.WAITING_LEASE;
            case Decision.Act _,
                    Decision.Look _,
                    Decision.GiveUp _,
                    Decision.Release _,
                    Decision.Limit _,
                    Decision.Drop _ -> false;
        };
    }
}
