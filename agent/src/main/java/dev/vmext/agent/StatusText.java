package dev.vmext.agent;

import dev.vmext.agent.journal.Entry;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.status.Attempted;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationStatus;
import java.util.Collection;
import java.util.Comparator;

/** How the agent tells people on the machine how it is. Pure. */
final class StatusText {
    private StatusText() {}

    static String of(GoalState goal, Collection<Entry> entries, String connection) {
        StringBuilder out = new StringBuilder();
        out.append("connection    ").append(connection).append('\n');
        out.append("goal          ").append(goal.generation()).append('\n');
        entries.stream().sorted(Comparator.comparing(Entry::name)).forEach(entry -> {
            InstallationStatus status = entry.status();
            out.append("installation  ")
                    .append(entry.name())
                    .append("  ")
                    .append(entry.extension())
                    .append(' ')
                    .append(status.version() == null ? "-" : status.version())
                    .append("  ")
                    .append(status.state().wire())
                    .append(status.healthy() ? "  healthy" : "")
                    .append("  since ")
                    .append(status.since())
                    .append('\n');
            Attempted attempted = status.detail().attempted();
            if (attempted != null) {
                out.append("              attempted ")
                        .append(attempted.version())
                        .append(": ");
                out.append(attempted.cause().message()).append('\n');
                if (attempted.heldUntil() != null) {
                    out.append("              held until ")
                            .append(attempted.heldUntil())
                            .append('\n');
                }
            }
            Cause cause = status.cause();
            if (cause != null) {
                out.append("              ").append(cause.message()).append('\n');
                if (!cause.hint().isEmpty()) {
                    out.append("              hint: ").append(cause.hint()).append('\n');
                }
            }
        });
        return out.toString();
    }
}
