package dev.vmext.nodemetrics;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.UpdateNote;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.Units;
import dev.vmext.extensionkit.monitoring.Check;
import dev.vmext.extensionkit.monitoring.Endpoint;
import dev.vmext.extensionkit.monitoring.MonitoringFile;
import dev.vmext.extensionkit.monitoring.WatchedProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The commands of the contract. Enable starts the exporter with the new settings, reads it once as the agent will, and only then tells
 * the agent what to read; an exporter that does not answer is put back to what it was. Everything may be repeated. One thread.
 *
 * <p>During an update the new version's {@code update} leaves a note, so that the old version's {@code uninstall} does not take away the
 * package that the new one is about to need.
 */
final class NodeMetrics implements Handler {
    private static final WatchedProbe EXPORTER_RUNS =
            new WatchedProbe("exporter", new Check.Unit(Places.SERVICE), 30, 10, 10, 2, 1, true, Optional.empty());

    private final Programs programs;
    private final Places places;
    private final Reader reader;

    NodeMetrics(Programs programs, Places places, Reader reader) {
        this.programs = programs;
        this.places = places;
        this.reader = reader;
    }

    /** What a command does, where any file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        guarded("install the exporter of metrics", () -> {
            updateNote().delete();
            Units units = units();
            if (!units.available()) {
                throw new HandlerException(
                        ExitCode.UNSUPPORTED_SYSTEM,
                        "cannot install the exporter of metrics: this machine does not run systemd",
                        "vmext.Metrics needs systemd, which keeps the exporter running.");
            }
            new ExporterPackage(programs, context.log(), places).install(units);
        });
    }

    @Override
    public Status enable(HandlerContext context) {
        MetricsSettings settings = MetricsSettings.from(context.settings());
        Status[] status = {Status.success("")};
        guarded("set up the metrics", () -> {
            List<Endpoint> endpoints = new ArrayList<>();
            List<String> silent = new ArrayList<>();
            Status.Part machine;
            if (settings.looksAtMachine()) {
                context.report(Status.transitioning("Starting the exporter"));
                Reader.Reading reading = start(settings);
                silent.addAll(reading.silent());
                endpoints.add(settings.node());
                machine = Status.Part.success(
                        "machine",
                        "%d series every %d s: %s"
                                .formatted(reading.series(), settings.node().intervalSec(), looked(settings)));
                status[0] = Status.success("The machine offers %d series; ".formatted(reading.series()));
            } else {
                removeUnits();
                machine = Status.Part.success("machine", "The machine itself is not measured, as the settings say.");
                status[0] = Status.success("The machine itself is not measured; ");
            }
            endpoints.addAll(settings.applications());
            new MonitoringFile(context.environment())
                    .replace(endpoints, settings.looksAtMachine() ? List.of(EXPORTER_RUNS) : List.of());
            updateNote().delete();
            status[0] = Status.success(status[0].message() + applications(settings))
                    .with(machine)
                    .with(Status.Part.success("applications", list(settings)));
            if (!silent.isEmpty()) {
                status[0] = status[0].with(
                        Status.Part.success(
                                "not found",
                                "The exporter found nothing to measure for " + String.join(", ", silent)
                                        + ". Either this machine has nothing of the kind, or its kernel or system bus does not tell."));
            }
            if (units().state(Places.DEBIAN_SERVICE) == Units.State.ACTIVE) {
                status[0] = status[0].with(Status.Part.success(
                        "other exporter",
                        Places.DEBIAN_SERVICE + " runs on this machine for somebody else. It stays as it is."));
            }
        });
        return status[0];
    }

    @Override
    public void update(HandlerContext context) {
        guarded("prepare the update", () -> updateNote().leave(context));
    }

    @Override
    public void disable(HandlerContext context) {
        guarded("stop the metrics", () -> {
            new MonitoringFile(context.environment()).delete();
            units().disableNow(Places.SERVICE);
            units().disableNow(Places.SOCKET);
        });
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("remove the metrics", () -> {
            new MonitoringFile(context.environment()).delete();
            removeUnits();
            if (updateNote().isFor(context)) {
                context.log().info("this is an update; the exporter's package stays");
                return;
            }
            new ExporterPackage(programs, context.log(), places).remove(units());
            // Last: until the package is gone, a repeated uninstall must still know of it.
            SmallFiles.delete(places.state());
        });
    }

    /** Starts the exporter as the settings say; puts it back to what it was when it does not answer. */
    private Reader.Reading start(MetricsSettings settings) throws IOException {
        if (!Files.exists(places.exporter())) {
            throw new HandlerException(
                    ExitCode.MISSING_DEPENDENCY,
                    "cannot measure this machine: there is no " + Places.EXPORTER,
                    "Install the package " + ExporterPackage.NAME + ", or install this extension again.");
        }
        Path file = places.units().resolve(Places.SERVICE);
        String before = Files.exists(file) ? SmallFiles.readText(file, 64 * 1024) : "";
        try {
            return run(ExporterUnits.service(settings));
        } catch (HandlerException | IOException e) {
            String words = units().lastWords(Places.SERVICE, 60)
                    .map(w -> "; its last words: " + telling(w))
                    .orElse("");
            if (before.isEmpty()) {
                removeUnits();
            } else {
                run(before);
            }
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot measure this machine with these settings: the exporter does not answer: "
                            + SmallFiles.why(e) + words,
                    before.isEmpty()
                            ? "Nothing is measured. Correct the settings, most likely a regular expression under ignore."
                            : "The exporter runs as before. Correct the settings, most likely a regular expression under ignore.",
                    e);
        }
    }

    private Reader.Reading run(String service) throws IOException {
        Units units = units();
        boolean socketChanged = units.write(Places.SOCKET, ExporterUnits.socket());
        boolean changed = units.write(Places.SERVICE, service);
        units.enableNow(Places.SOCKET);
        if (socketChanged || changed || units.state(Places.SERVICE) != Units.State.ACTIVE) {
            units.enable(Places.SERVICE);
            units.restart(Places.SERVICE);
        }
        try {
            return reader.read(places.socket(), () -> units.state(Places.SERVICE) == Units.State.ACTIVE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Why it ended, out of what it said since it was started last: a program in Go says that before where it was. */
    static String telling(String words) {
        List<String> lines = words.lines().toList();
        int start = lines.size() - 1;
        while (start > 0 && !lines.get(start).startsWith("Started " + Places.SERVICE)) {
            start--;
        }
        List<String> last = lines.subList(start, lines.size());
        return last.stream()
                .filter(line -> line.startsWith("panic: ") || line.contains("error: ") || line.contains("level=error"))
                .reduce((one, later) -> later)
                .orElseGet(() -> String.join("\n", last.subList(Math.max(0, last.size() - 3), last.size())));
    }

    private void removeUnits() throws IOException {
        units().remove(Places.SERVICE);
        units().remove(Places.SOCKET);
        SmallFiles.delete(places.socket().resolveSibling(""));
    }

    private Units units() {
        return new Units(programs, places.units());
    }

    private static String looked(MetricsSettings settings) {
        List<String> words = new ArrayList<>();
        settings.groups().forEach(group -> words.add(group.setting()));
        words.addAll(settings.more());
        return String.join(", ", words);
    }

    private static String applications(MetricsSettings settings) {
        int count = settings.applications().size();
        return count == 1 ? "1 application is read" : count + " applications are read";
    }

    private static String list(MetricsSettings settings) {
        return settings.applications().isEmpty()
                ? "(none)"
                : settings.applications().stream().map(NodeMetrics::line).collect(Collectors.joining("\n"));
    }

    private static String line(Endpoint endpoint) {
        String where = switch (endpoint.address()) {
            case Endpoint.Address.Url(String url) -> url;
            case Endpoint.Address.Socket(String file, String path) -> file + " " + path;
        };
        return "%s: %s every %d s, at most %d series"
                .formatted(endpoint.name(), where, endpoint.intervalSec(), endpoint.maxSeries());
    }

    private UpdateNote updateNote() {
        return new UpdateNote(places.state());
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
