package dev.vmext.cli;

import dev.vmext.protocol.api.ServerStatus;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** How the control plane is. */
@Command(
        name = "status",
        description = "How the control plane is, and how many machines and installations are in which state.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    StatusCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            ServerStatus status = client.get("/v1/status", ServerStatus.class);
            global.output().print(status, () -> {
                PrintStream out = world.out();
                out.println("vmext " + status.version() + ", up for "
                        + Ages.ago(status.startedAt(), world.clock().instant()));
                out.println("  api            " + status.api());
                out.println("  gateway        " + status.gateway() + ", CA " + status.caDigest());
                out.println("  data           " + status.home());
                out.println("  agents         " + status.connectedAgents() + " connected");
                out.println("  machines       " + counts(status.machines()));
                out.println("  installations  " + counts(status.installations()));
                out.println("  extensions     " + status.extensions());
                out.println("  metrics        " + metrics(status.metrics()));
            });
            return 0;
        }
    }

    private static String metrics(ServerStatus.MetricsStatus metrics) {
        return metrics.series() == 0
                ? "none"
                : metrics.series() + " series of " + metrics.machines()
                        + (metrics.machines() == 1 ? " machine, " : " machines, ")
                        + Quantity.of("_bytes", (double) metrics.bytes(), false);
    }

    private static String counts(Map<String, Integer> byState) {
        if (byState.isEmpty()) {
            return "none";
        }
        StringBuilder text = new StringBuilder();
        byState.forEach((state, count) -> text.append(text.isEmpty() ? "" : ", ")
                .append(count)
                .append(' ')
                .append(state));
        return text.toString();
    }
}
