package dev.vmext.packageformat.manifest;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How the agent runs the handler: time, tries, resources, and what surrounds a command. */
public record Execution(
        Optional<String> runtime,
        Map<HandlerCommand, Duration> deadlines,
        Retry retry,
        Budget budget,
        List<Lease> leases,
        List<GatewayUse> gateway,
        UpdateStyle update,
        Optional<Duration> healthTime,
        Reboot reboot,
        List<String> keepsOnUninstall,
        List<String> privileges) {
    public Execution {
        deadlines = Map.copyOf(deadlines);
        leases = List.copyOf(leases);
        gateway = List.copyOf(gateway);
        keepsOnUninstall = List.copyOf(keepsOnUninstall);
        privileges = List.copyOf(privileges);
    }

    /** What a package without {@code extension.json} gets. */
    public static Execution defaults() {
        return new Execution(
                Optional.empty(),
                Map.of(),
                Retry.none(),
                Budget.unlimited(),
                List.of(),
                List.of(),
                UpdateStyle.IN_PLACE,
                Optional.empty(),
                Reboot.NEVER,
                List.of(),
                List.of());
    }

    Execution with(Budget other) {
        return new Execution(
                runtime,
                deadlines,
                retry,
                other,
                leases,
                gateway,
                update,
                healthTime,
                reboot,
                keepsOnUninstall,
                privileges);
    }

    public Duration deadline(HandlerCommand command) {
        Duration declared = deadlines.get(command);
        return declared == null ? command.defaultDeadline() : declared;
    }
}
