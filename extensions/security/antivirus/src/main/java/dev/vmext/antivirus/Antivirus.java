package dev.vmext.antivirus;

import dev.vmext.antivirus.AntivirusSettings.ScheduledScan;
import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.StatusText;
import dev.vmext.extensionkit.UpdateNote;
import dev.vmext.extensionkit.machine.PackageClaims;
import dev.vmext.extensionkit.machine.Packages;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.UnitSet;
import dev.vmext.extensionkit.monitoring.Endpoint;
import dev.vmext.extensionkit.monitoring.MonitoringFile;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The commands of the contract. Enable checks everything it can before it changes anything, so that settings with a fault leave
 * the old state at work. It ends while a scan it was asked for goes on: the status is then transitioning, and the scan itself
 * writes the final one. Everything may be repeated. One thread.
 *
 * <p>During an update the new version's {@code update} leaves a note, so that the old version's {@code uninstall} takes nothing
 * away: packages, signatures, quarantine and the times of scans are the new version's.
 */
final class Antivirus implements Handler {
    /** One word with systemd, which may be to run a whole update of signatures. */
    private static final Duration SYSTEMD = Duration.ofMinutes(12);

    private static final Duration PROGRAM = Duration.ofMinutes(10);
    /** Sixteen scans with all their series, and some room. */
    private static final Endpoint METRICS = new Endpoint(
            "antivirus",
            new Endpoint.Address.Socket("/run/vmext-antivirus/metrics.sock", "/metrics"),
            60,
            20,
            300,
            List.of(),
            List.of(),
            Map.of());

    private static final List<String> BASE_PACKAGES = List.of("clamav", "clamav-freshclam");
    private static final List<String> DAEMON_PACKAGES = List.of("clamav-daemon", "clamdscan");
    /** Debian's units, by the program whose package brings them. */
    private static final Map<String, List<String>> DEBIAN_UNITS = Map.of(
            "freshclam",
            List.of("clamav-freshclam.service"),
            "clamd",
            List.of("clamav-daemon.service", "clamav-daemon.socket"));

    private final Programs programs;
    private final Places places;
    private final UnitSet units;
    private final UpdateNote updateNote;
    private final Installation installation;

    Antivirus(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
        this.units = new UnitSet(programs, places.units(), UnitFiles.PREFIX, SYSTEMD);
        this.updateNote = new UpdateNote(places.installed());
        this.installation = new Installation(programs, places);
    }

    /** What a command does, where any file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        guarded("install the antivirus", () -> {
            updateNote.delete();
            bring(context, BASE_PACKAGES, "freshclam");
            clamscan();
        });
    }

    @Override
    public Status enable(HandlerContext context) {
        AntivirusSettings settings = AntivirusSettings.from(context.settings());
        clamscan();
        MemoryBudget memory = MemoryBudget.of(places, settings);
        if (settings.daemon()) {
            memory.refuseDaemonThatDoesNotFit();
        }
        refuseCalendarsThatSystemdDoesNotKnow(settings);
        if (!places.hasSystemd()) {
            throw new HandlerException(
                    ExitCode.UNSUPPORTED_SYSTEM,
                    "cannot set up the antivirus: this machine does not run systemd",
                    "Scans and updates are timers of systemd.");
        }
        Status[] status = new Status[1];
        guarded("set up the antivirus", () -> status[0] = apply(context, settings, memory));
        return status[0];
    }

    private Status apply(HandlerContext context, AntivirusSettings settings, MemoryBudget memory) throws IOException {
        context.report(Status.transitioning("Setting up"));
        if (settings.daemon()) {
            bring(context, DAEMON_PACKAGES, "clamd");
        }
        installation.programs(context.environment().baseFolder());
        installation.events(context.environment().eventsFolder());
        boolean newSource = installation.configuration(Configuration.files(settings, memory));
        installation.ignoredSignatures(Configuration.ignored(settings));
        quarantineActions(context, settings);
        // Before the daemon starts, which cannot without signatures.
        context.report(Status.transitioning("Looking for signatures"));
        List<String> written = units.replace(UnitFiles.files(settings, memory), List.of(), List.of());
        units.run(newSource ? UnitFiles.UPDATE : UnitFiles.SIGNATURES);
        context.report(Status.transitioning("Starting timers"));
        units.replace(UnitFiles.files(settings, memory), UnitFiles.expected(settings), written);
        new MonitoringFile(context.environment()).replace(List.of(METRICS), List.of());
        boolean begins = settings.scanNow().isPresent()
                && installation.mustBegin(settings.scanNow().get());
        installation.statusFile(context.statusPath());
        Status status = report();
        if (begins) {
            // The scan writes this file from now on; so this is the last thing the handler does.
            context.report(status);
            units.begin(UnitFiles.scan("on-demand"));
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
        guarded("stop the antivirus", () -> {
            installation.forgetStatusFile();
            new MonitoringFile(context.environment()).delete();
            if (places.hasSystemd()) {
                units.disable();
            }
        });
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("remove the antivirus", () -> {
            if (updateNote.isFor(context)) {
                context.log().info("this is an update; everything stays for the new version");
                return;
            }
            if (places.hasSystemd()) {
                units.remove();
            }
            List<String> masked = installation.masked();
            if (!masked.isEmpty()) {
                units.unmask(masked);
                installation.unmasked();
            }
            List<String> all = new ArrayList<>(BASE_PACKAGES);
            all.addAll(DAEMON_PACKAGES);
            packages(context, all).removeAdded().ifPresent(context.log()::info);
            // Last: until the packages are gone, a repeated uninstall must still know of them.
            installation.remove().ifPresent(context.log()::info);
        });
    }

    /** Brings packages whose program is missing, and keeps Debian from starting their units. */
    private void bring(HandlerContext context, List<String> names, String program) throws IOException {
        Packages packages = packages(context, names);
        packages.claim();
        if (!packages.missing().isEmpty()) {
            if (places.findProgram(program).isEmpty() && places.hasSystemd()) {
                List<String> debian = DEBIAN_UNITS.getOrDefault(program, List.of());
                installation.masks(debian);
                units.mask(debian);
            }
            context.report(Status.transitioning("Installing " + String.join(", ", names)));
            packages.install();
        }
        packages.remember();
    }

    private void refuseCalendarsThatSystemdDoesNotKnow(AntivirusSettings settings) {
        units.checkCalendar("signatures.calendar", settings.signatures().calendar());
        int number = 0;
        for (ScheduledScan scan : settings.scans()) {
            units.checkCalendar("scans[" + number++ + "].calendar", scan.calendar());
        }
    }

    /** Orders for single files are carried out once; a repeated one finds nothing to do and says so. */
    private void quarantineActions(HandlerContext context, AntivirusSettings settings) throws IOException {
        List<String> lines = new ArrayList<>();
        settings.quarantine().restore().forEach(id -> lines.add(quarantineAction(context, "restore", id)));
        settings.quarantine().delete().forEach(id -> lines.add(quarantineAction(context, "delete", id)));
        installation.actions(lines);
    }

    private String quarantineAction(HandlerContext context, String verb, String id) {
        Optional<String> before = installation.findAction(verb, id);
        if (before.isPresent()) {
            return before.get();
        }
        Programs.Result result = programs.run(
                PROGRAM,
                "",
                List.of("/bin/sh", places.programs().resolve("quarantine").toString(), verb, id));
        String line = result.ok()
                ? "%s %s: %s".formatted(verb, id, result.lastLines())
                : "%s %s: cannot do that: %s".formatted(verb, id, result.lastLines());
        context.log().info(line);
        return line;
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
                    "cannot tell the state of the antivirus: " + e.getMessage(),
                    "This is a defect of the extension; please report it with its log.",
                    e);
        }
    }

    private void clamscan() {
        if (places.findProgram("clamscan").isEmpty()) {
            throw new HandlerException(
                    ExitCode.MISSING_DEPENDENCY,
                    "cannot set up the antivirus: there is no program clamscan on this machine",
                    "Install the package clamav, or install this extension again.");
        }
    }

    private Packages packages(HandlerContext context, List<String> names) {
        return new Packages(programs, context.log(), PackageClaims.of(places.root()), places.installed(), names);
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
