package dev.vmext.updates;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.StatusText;
import dev.vmext.extensionkit.UpdateNote;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.UnitSet;
import dev.vmext.extensionkit.monitoring.Endpoint;
import dev.vmext.extensionkit.monitoring.MonitoringFile;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The commands of the contract. Enable checks everything it can before it changes anything, so that settings with a fault leave
 * the old state at work; then it looks once which updates are missing. It ends while an installation it was asked for goes on: the
 * status is then transitioning, and the installation itself writes the final one. Everything may be repeated. One thread.
 *
 * <p>During an update the new version's {@code update} leaves a note, so that the old version's {@code uninstall} takes nothing
 * away: since when updates are known to be missing is the new version's.
 */
final class Updates implements Handler {
    /** One word with systemd, which may be to run a whole assessment. */
    private static final Duration SYSTEMD = Duration.ofMinutes(55);

    private static final Duration PROGRAM = Duration.ofMinutes(10);
    private static final Endpoint METRICS = new Endpoint(
            "updates",
            new Endpoint.Address.Socket("/run/vmext-updates/metrics.sock", "/metrics"),
            60,
            20,
            100,
            List.of(),
            List.of(),
            Map.of());

    private final Programs programs;
    private final Places places;
    private final UnitSet units;
    private final UpdateNote updateNote;
    private final Installation installation;

    Updates(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
        this.units = new UnitSet(programs, places.units(), UnitFiles.PREFIX, SYSTEMD);
        this.updateNote = new UpdateNote(places.state());
        this.installation = new Installation(places);
    }

    /** What a command does, where any file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        PackageManager.of(places);
        guarded("install the extension", updateNote::delete);
    }

    @Override
    public Status enable(HandlerContext context) {
        UpdateSettings settings = UpdateSettings.from(context.settings());
        PackageManager manager = PackageManager.of(places);
        if (!places.hasSystemd()) {
            throw new HandlerException(
                    ExitCode.UNSUPPORTED_SYSTEM,
                    "cannot look after updates: this machine does not run systemd",
                    "Maintenance windows are timers of systemd.");
        }
        units.checkCalendar("assessment.calendar", settings.timing().calendar());
        for (int i = 0; i < settings.windows().size(); i++) {
            units.checkCalendar(
                    "windows[" + i + "]", UnitFiles.calendar(settings.windows().get(i), settings.timing()));
        }
        Status[] status = new Status[1];
        guarded("set up updates", () -> status[0] = apply(context, settings, manager));
        return status[0];
    }

    private Status apply(HandlerContext context, UpdateSettings settings, PackageManager manager) throws IOException {
        context.report(Status.transitioning("Setting up"));
        installation.programs(context.environment().baseFolder());
        installation.folders(
                context.environment().eventsFolder(), context.environment().configFolder());
        List<String> expected = UnitFiles.expected(settings);
        installation.configuration(Configuration.files(settings, manager, expected));
        units.replace(UnitFiles.files(settings), expected, List.of());
        new MonitoringFile(context.environment()).replace(List.of(METRICS), List.of());
        context.report(Status.transitioning("Looking for updates"));
        // What it could not do is a finding and a part of the status; windows and timers are set up all the same.
        units.run(UnitFiles.ASSESS);
        boolean begins = settings.installNow().isPresent()
                && installation.mustBegin(settings.installNow().get());
        installation.statusFile(context.statusPath());
        Status status = report();
        if (begins) {
            // The installation writes this file from now on; so this is the last thing the handler does.
            context.report(status);
            units.begin(UnitFiles.INSTALL_NOW);
        }
        updateNote.delete();
        return status;
    }

    @Override
    public void update(HandlerContext context) {
        guarded("prepare the update", () -> updateNote.leave(context));
    }

    @Override
    public void disable(HandlerContext context) {
        guarded("stop updates", () -> {
            installation.forgetStatusFile();
            new MonitoringFile(context.environment()).delete();
            if (places.hasSystemd()) {
                units.disable();
            }
        });
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("remove the extension", () -> {
            if (updateNote.isFor(context)) {
                context.log().info("this is an update; everything stays for the new version");
                return;
            }
            if (places.hasSystemd()) {
                units.remove();
            }
            installation.remove();
        });
    }

    private Status report() {
        Programs.Result result = programs.run(
                PROGRAM,
                "",
                List.of("/bin/sh", places.programs().resolve("report").toString()));
        try {
            return StatusText.read(result.output());
        } catch (IllegalArgumentException e) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot tell the state of updates: " + e.getMessage(),
                    "This is a defect of the extension; please report it with its log.",
                    e);
        }
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
