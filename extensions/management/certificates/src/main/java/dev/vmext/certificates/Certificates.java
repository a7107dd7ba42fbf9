package dev.vmext.certificates;

import dev.vmext.certificates.CertificateSettings.Wanted;
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
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The commands of the contract. Enable checks everything it can before it changes anything, so that settings with a fault leave
 * the old state at work; then it gets what is missing or due. Everything may be repeated. One thread.
 *
 * <p>During an update the new version's {@code update} leaves a note, so that the old version's {@code uninstall} takes nothing
 * away: services go on with their certificates.
 */
final class Certificates implements Handler {
    /** One word with systemd, which may be to run a whole renewal. */
    private static final Duration SYSTEMD = Duration.ofMinutes(55);

    private static final Duration PROGRAM = Duration.ofMinutes(10);
    private static final List<String> BASE = List.of("openssl", "curl");
    /** One program without dependencies of its own; why it and no other is written in docs/decisions. */
    private static final List<String> FOR_ACME = List.of("lego");
    /** Eight metrics of each certificate, and some room. */
    private static final Endpoint METRICS = new Endpoint(
            "certificates",
            new Endpoint.Address.Socket("/run/vmext-certificates/metrics.sock", "/metrics"),
            60,
            20,
            400,
            List.of(),
            List.of(),
            Map.of());

    private final Programs programs;
    private final Places places;
    private final UnitSet units;
    private final UpdateNote updateNote;
    private final Installation installation;

    Certificates(Programs programs, Places places) {
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
        guarded("install the extension", () -> {
            updateNote.delete();
            bring(context, BASE);
        });
    }

    @Override
    public Status enable(HandlerContext context) {
        CertificateSettings settings = CertificateSettings.from(context.settings());
        if (!places.hasSystemd()) {
            throw new HandlerException(
                    ExitCode.UNSUPPORTED_SYSTEM,
                    "cannot look after certificates: this machine does not run systemd",
                    "Renewal is a timer of systemd.");
        }
        units.checkCalendar("calendar", settings.calendar());
        int number = 0;
        for (Wanted one : settings.certificates()) {
            String place = "certificates[" + number++ + "].";
            refuseUnknownAccount(place + "owner", "passwd", one.rights().owner());
            refuseUnknownAccount(place + "group", "group", one.rights().group());
        }
        Status[] status = new Status[1];
        guarded("set up certificates", () -> status[0] = apply(context, settings));
        return status[0];
    }

    private Status apply(HandlerContext context, CertificateSettings settings) throws IOException {
        context.report(Status.transitioning("Setting up"));
        bring(context, BASE);
        if (settings.certificates().stream().anyMatch(Wanted::byAcme)) {
            bring(context, FOR_ACME);
        }
        installation.programs(context.environment().baseFolder());
        installation.folders(
                context.environment().eventsFolder(), context.environment().configFolder());
        installation.configuration(Configuration.files(settings, UnitFiles.expected()));
        List<String> gone = installation.forget(
                settings.certificates().stream().map(Wanted::name).collect(Collectors.toSet()));
        for (String name : gone) {
            context.log().info("the certificate " + name + " is not wanted any more; it and its key were removed");
            for (String type : List.of("certificate-failed", "certificate-expiring", "certificate-reload-failed")) {
                context.findings().resolved(type, name);
            }
            for (String key : List.of("failed-", "expiry-", "reload-")) {
                Files.deleteIfExists(places.state().resolve("open").resolve(key + name));
            }
        }
        units.replace(UnitFiles.files(settings), UnitFiles.expected(), List.of());
        new MonitoringFile(context.environment()).replace(List.of(METRICS), List.of());
        context.report(Status.transitioning("Getting certificates"));
        installation.statusFile(context.statusPath());
        // What it cannot get is told by the report, and tried again by the timer.
        units.run(UnitFiles.RENEW);
        updateNote.delete();
        return report();
    }

    @Override
    public void update(HandlerContext context) {
        guarded("prepare the update", () -> updateNote.leave(context));
    }

    @Override
    public void disable(HandlerContext context) {
        guarded("stop renewals", () -> {
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
            List<String> all = new ArrayList<>(BASE);
            all.addAll(FOR_ACME);
            new Packages(programs, context.log(), PackageClaims.of(places.root()), places.installed(), all)
                    .removeAdded()
                    .ifPresent(context.log()::info);
            installation.remove();
        });
    }

    private void bring(HandlerContext context, List<String> names) throws IOException {
        Packages packages =
                new Packages(programs, context.log(), PackageClaims.of(places.root()), places.installed(), names);
        packages.claim();
        if (!packages.missing().isEmpty()) {
            context.report(Status.transitioning("Installing " + String.join(", ", names)));
            packages.install();
        }
        packages.remember();
    }

    private void refuseUnknownAccount(String setting, String database, String name) {
        if (!programs.run(PROGRAM, "", List.of("getent", database, name)).ok()) {
            throw HandlerException.badSettings(
                    "cannot use settings." + setting + ": this machine has no " + name + " in " + database,
                    "Install the service first, or name one that is there. Nothing was changed.");
        }
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
                    "cannot tell the state of certificates: " + e.getMessage(),
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
