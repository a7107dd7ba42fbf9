package dev.vmext.antivirus;

import dev.vmext.antivirus.AntivirusSettings.ScheduledScan;
import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.machine.Packages;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.monitoring.Endpoint;
import dev.vmext.extensionkit.monitoring.MonitoringFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private final Services services;
    private final Installation installation;

    Antivirus(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
        this.services = new Services(programs, places);
        this.installation = new Installation(programs, places);
    }

    /** What a command does, where any file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        guarded("install the antivirus", () -> {
            Files.deleteIfExists(updateNote());
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
        services.replace(UnitFiles.files(settings, memory), List.of());
        services.run(newSource ? UnitFiles.UPDATE : UnitFiles.SIGNATURES);
        context.report(Status.transitioning("Starting timers"));
        services.replace(UnitFiles.files(settings, memory), UnitFiles.expected(settings));
        new MonitoringFile(context.environment()).replace(List.of(METRICS), List.of());
        boolean begins = settings.scanNow().isPresent()
                && installation.mustBegin(settings.scanNow().get());
        installation.statusFile(context.statusPath());
        Status status = report();
        if (begins) {
            // The scan writes this file from now on; so this is the last thing the handler does.
            context.report(status);
            services.begin(UnitFiles.scan("on-demand"));
        }
        Files.deleteIfExists(updateNote());
        return status;
    }

    @Override
    public void update(HandlerContext context) {
        guarded("prepare the update", () -> {
            String from =
                    context.variable("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION").orElse("");
            SmallFiles.replace(updateNote(), from, "rw-r--r--");
        });
    }

    @Override
    public void disable(HandlerContext context) {
        guarded("stop the antivirus", () -> {
            installation.forgetStatusFile();
            new MonitoringFile(context.environment()).delete();
            if (places.hasSystemd()) {
                services.disable();
            }
        });
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("remove the antivirus", () -> {
            if (isUpdate(context)) {
                context.log().info("this is an update; everything stays for the new version");
                return;
            }
            if (places.hasSystemd()) {
                services.remove();
            }
            List<String> masked = installation.masked();
            if (!masked.isEmpty()) {
                services.unmask(masked);
                installation.unmasked();
            }
            List<String> all = new ArrayList<>(BASE_PACKAGES);
            all.addAll(DAEMON_PACKAGES);
            new Packages(programs, context.log(), places.installed(), all)
                    .removeAdded()
                    .ifPresent(context.log()::info);
            // Last: until the packages are gone, a repeated uninstall must still know of them.
            installation.remove().ifPresent(context.log()::info);
        });
    }

    /** Brings packages whose program is missing, and keeps Debian from starting their services. */
    private void bring(HandlerContext context, List<String> names, String program) throws IOException {
        Packages packages = new Packages(programs, context.log(), places.installed(), names);
        if (!packages.missing().isEmpty()) {
            if (places.findProgram(program).isEmpty() && places.hasSystemd()) {
                List<String> units = DEBIAN_UNITS.getOrDefault(program, List.of());
                installation.masks(units);
                services.mask(units);
            }
            context.report(Status.transitioning("Installing " + String.join(", ", names)));
            packages.install();
        }
        packages.remember();
    }

    private void refuseCalendarsThatSystemdDoesNotKnow(AntivirusSettings settings) {
        services.checkCalendar("signatures.calendar", settings.signatures().calendar());
        int number = 0;
        for (ScheduledScan scan : settings.scans()) {
            services.checkCalendar("scans[" + number++ + "].calendar", scan.calendar());
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
            return Report.read(result.output());
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

    /** A note for another version is a leftover of an update that failed. */
    private boolean isUpdate(HandlerContext context) throws IOException {
        if (!Files.exists(updateNote())) {
            return false;
        }
        String from = SmallFiles.readText(updateNote(), 1024);
        String own = context.variable("AZURE_GUEST_AGENT_EXTENSION_VERSION").orElse(from);
        return from.isBlank() || from.equals(own);
    }

    private Path updateNote() {
        return places.installed().resolve("updating");
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
