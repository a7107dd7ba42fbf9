package dev.vmext.applicationhealth;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.monitoring.Check;
import dev.vmext.extensionkit.monitoring.MonitoringFile;
import dev.vmext.extensionkit.monitoring.WatchedProbe;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The commands of the contract. All work is the agent's, which asks the probes: enable checks the settings and tells it what to ask.
 * Nothing is installed and nothing runs on. Everything may be repeated. One thread.
 */
final class ApplicationHealth implements Handler {
    /** What a command does, where the file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public Status enable(HandlerContext context) {
        List<WatchedProbe> probes = HealthSettings.probes(context.settings());
        guarded("tell the agent what to ask", () -> file(context).replace(List.of(), probes));
        return Status.success(probes.size() == 1 ? "1 application is asked" : probes.size() + " applications are asked")
                .with(Status.Part.success(
                        "applications",
                        probes.stream().map(ApplicationHealth::line).collect(Collectors.joining("\n"))));
    }

    @Override
    public void disable(HandlerContext context) {
        guarded("stop asking", () -> file(context).delete());
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("stop asking", () -> file(context).delete());
    }

    private static MonitoringFile file(HandlerContext context) {
        return new MonitoringFile(context.environment());
    }

    /** Headers and arguments may be secret and are left away. */
    private static String line(WatchedProbe probe) {
        String what = switch (probe.check()) {
            case Check.Command(List<String> words) -> "command " + words.getFirst();
            case Check.Http http ->
                http.method() + " " + http.url() + " answers " + String.join(" or ", http.statuses())
                        + (http.body().isEmpty() ? "" : " with " + http.body());
            case Check.Tcp(String host, int port) -> "TCP " + host + " port " + port;
            case Check.RunningProcess(String name) -> "process " + name;
            case Check.Unit(String name) -> "unit " + name;
        };
        return "%s: %s, every %d s".formatted(probe.name(), what, probe.intervalSec());
    }

    private static void guarded(String what, Work work) {
        try {
            work.run();
        } catch (IOException e) {
            throw new HandlerException(
                    ExitCode.FILES,
                    "cannot " + what + ": " + SmallFiles.why(e),
                    "Check that the file system is writable and not full.",
                    e);
        }
    }
}
