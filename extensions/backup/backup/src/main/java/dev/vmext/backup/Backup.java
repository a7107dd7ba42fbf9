package dev.vmext.backup;

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
import dev.vmext.extensionkit.machine.Units;
import dev.vmext.extensionkit.monitoring.Check;
import dev.vmext.extensionkit.monitoring.Endpoint;
import dev.vmext.extensionkit.monitoring.MonitoringFile;
import dev.vmext.extensionkit.monitoring.WatchedProbe;
import dev.vmext.extensionkit.repository.Gateway;
import dev.vmext.extensionkit.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The commands of the contract. Enable checks everything it can before it changes anything, so that settings with a fault leave the
 * old state at work. It ends while a run it was asked for goes on: the status is then transitioning, and the run itself writes the
 * final one. Everything may be repeated. One thread.
 *
 * <p>During an update the new version's {@code update} leaves a note, so that the old version's {@code uninstall} takes nothing away.
 */
final class Backup implements Handler {
    private static final Duration PROGRAM = Duration.ofMinutes(20);
    private static final String NAME = "[A-Za-z0-9_-]{1,64}";

    private final Programs programs;
    private final Path root;

    Backup(Programs programs, Path root) {
        this.programs = programs;
        this.root = root;
    }

    /** What a command does, where any file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        guarded("install the backup", () -> {
            updateNote(context).delete();
            Packages restic = restic(context);
            restic.install();
            restic.remember();
        });
    }

    @Override
    public Status enable(HandlerContext context) {
        Places places = places(context);
        BackupSettings settings = BackupSettings.from(context.settings());
        if (!places.hasSystemd()) {
            throw new HandlerException(
                    ExitCode.UNSUPPORTED_SYSTEM,
                    "cannot set up the backup: this machine does not run systemd",
                    "Scheduled backups are timers of systemd.");
        }
        if (!programs.run(PROGRAM, "", List.of("restic", "version")).ok()) {
            throw new HandlerException(
                    ExitCode.MISSING_DEPENDENCY,
                    "cannot set up the backup: there is no program restic on this machine",
                    "Install the package restic, or install this extension again.");
        }
        if (settings.schedule().kind() == Schedule.Kind.CALENDAR) {
            checkCalendar(settings.schedule().calendar());
        }
        Optional<Gateway> gateway = settings.repository().place() instanceof Repository.Place.ControlPlane
                ? Optional.of(Gateway.read(context.environment()))
                : Optional.empty();
        Status[] status = new Status[1];
        guarded("set up the backup", () -> status[0] = apply(context, places, settings, gateway));
        return status[0];
    }

    private Status apply(HandlerContext context, Places places, BackupSettings settings, Optional<Gateway> gateway)
            throws IOException {
        context.report(Status.transitioning("Setting up"));
        Installed installed = new Installed(places);
        installed.programs(context.environment().baseFolder());
        installed.events(context.environment().eventsFolder());
        context.report(Status.transitioning("Opening the repository"));
        try {
            installed.trial(configuration(context, places.trial(), settings, gateway, installed));
            openRepository(places, settings);
        } finally {
            installed.endTrial();
        }
        installed.configuration(configuration(context, places.configuration(), settings, gateway, installed));
        units(places, UnitFiles.files(places, settings), UnitFiles.expected(places.installation(), settings));
        monitor(context, places);
        boolean begins =
                settings.now().isPresent() && installed.mustBegin(settings.now().get());
        installed.statusFile(context.statusPath());
        Status status = report(places);
        if (begins) {
            // The run writes this file from now on; so this is the last thing the handler does.
            context.report(status);
            begin(UnitFiles.now(places.installation()));
        }
        updateNote(context).delete();
        return status;
    }

    private static Map<String, String> configuration(
            HandlerContext context,
            Path folder,
            BackupSettings settings,
            Optional<Gateway> gateway,
            Installed installed)
            throws IOException {
        return settings.files(
                folder.toString(),
                settings.repository().files(folder.toString(), gateway),
                context.environment().installation(),
                installed.enabledAt(context.clock().instant().getEpochSecond()));
    }

    @Override
    public void update(HandlerContext context) {
        guarded("prepare the update", () -> updateNote(context).leave(context));
    }

    @Override
    public void disable(HandlerContext context) {
        guarded("stop the backup", () -> {
            Places places = places(context);
            new Installed(places).forgetStatusFile();
            new MonitoringFile(context.environment()).delete();
            if (places.hasSystemd()) {
                Units units = new Units(programs, places.units());
                // Timers and sockets first: else one could begin what was just stopped.
                for (String unit : own(places)) {
                    if (!unit.contains("@")) {
                        units.disableNow(unit);
                    }
                }
            }
        });
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("remove the backup", () -> {
            Places places = places(context);
            Installed installed = new Installed(places);
            if (updateNote(context).isFor(context)) {
                context.log().info("this is an update; everything stays for the new version");
                return;
            }
            if (places.hasSystemd()) {
                units(places, Map.of(), List.of());
            }
            restic(context).removeAdded().ifPresent(context.log()::info);
            // Snapshots stay in the repository: they are what a backup is for.
            installed.remove();
        });
    }

    private void openRepository(Places places, BackupSettings settings) {
        Programs.Result result = programs.run(
                PROGRAM,
                "",
                List.of(
                        "/bin/sh",
                        places.programs().resolve("prepare").toString(),
                        places.trial().toString()));
        if (result.exitCode() == 1) {
            throw HandlerException.badSettings(
                    "cannot use " + settings.repository().shown() + ": " + result.lastLines(),
                    "Backups cannot be made with these settings. A repository opens only with the password it was made with.");
        }
        // Anything else may pass: the units are set up, each run tries again, and one that fails is a finding.
    }

    private static void monitor(HandlerContext context, Places places) throws IOException {
        Endpoint metrics = new Endpoint(
                "backup",
                new Endpoint.Address.Socket(places.socket(), "/metrics"),
                60,
                20,
                50,
                List.of(),
                List.of(),
                Map.of());
        new MonitoringFile(context.environment())
                .replace(
                        List.of(metrics),
                        List.of(
                                probe(places, "ready", "health", 60, true, Optional.empty()),
                                probe(places, "last-backup", "overdue", 300, false, Optional.of("backup-overdue"))));
    }

    private static WatchedProbe probe(
            Places places, String name, String program, int interval, boolean health, Optional<String> finding) {
        return new WatchedProbe(
                name,
                new Check.Command(
                        List.of("/bin/sh", "/var/lib/vmext-backup/" + places.installation() + "/bin/" + program)),
                interval,
                20,
                30,
                2,
                1,
                health,
                finding);
    }

    /** Makes the installation's units exactly these. */
    private void units(Places places, Map<String, String> files, List<String> expected) throws IOException {
        Units units = new Units(programs, places.units());
        for (String unit : own(places)) {
            if (!files.containsKey(unit)) {
                if (unit.contains("@")) {
                    Files.deleteIfExists(places.units().resolve(unit));
                } else {
                    units.remove(unit);
                }
            }
        }
        for (Map.Entry<String, String> file : files.entrySet()) {
            boolean changed = units.write(file.getKey(), file.getValue());
            if (changed && expected.contains(file.getKey()) && units.state(file.getKey()) == Units.State.ACTIVE) {
                // A timer whose calendar changed counts from the new one only after this.
                units.restart(file.getKey());
            }
        }
        for (String unit : expected) {
            units.enableNow(unit);
        }
    }

    /** Timers and sockets before services. */
    private static List<String> own(Places places) throws IOException {
        if (!Files.isDirectory(places.units())) {
            return List.of();
        }
        String installation = places.installation();
        List<String> known = List.of(
                UnitFiles.timer(installation),
                UnitFiles.socket(installation),
                UnitFiles.answer(installation),
                UnitFiles.scheduled(installation),
                UnitFiles.now(installation));
        try (Stream<Path> files = Files.list(places.units())) {
            TreeSet<String> there = new TreeSet<>(
                    files.map(f -> String.valueOf(f.getFileName())).toList());
            return known.stream().filter(there::contains).toList();
        }
    }

    private void begin(String unit) {
        Programs.Result result = programs.run(PROGRAM, "", List.of("systemctl", "start", "--no-block", unit));
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot begin the backup: systemctl ended with " + result.exitCode() + ": " + result.lastLines(),
                    "Look at the unit with systemctl status " + unit + " on the machine.");
        }
    }

    private void checkCalendar(String expression) {
        Programs.Result result = programs.run(PROGRAM, "", List.of("systemd-analyze", "calendar", "--", expression));
        if (!result.ok()) {
            throw HandlerException.badSettings(
                    "cannot use settings.schedule.calendar: systemd does not understand it: " + result.lastLines(),
                    "Write it as man systemd.time says, like *-*-* 02:30:00 or Sun 03:00. Nothing was changed.");
        }
    }

    private Status report(Places places) {
        Programs.Result result = programs.run(
                PROGRAM,
                "",
                List.of("/bin/sh", places.programs().resolve("report").toString()));
        try {
            return StatusText.read(result.output());
        } catch (IllegalArgumentException e) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot tell the state of the backup: " + e.getMessage(),
                    "This is a defect of the extension; please report it with its log.",
                    e);
        }
    }

    private Places places(HandlerContext context) {
        String installation = context.environment().installation();
        if (!installation.matches(NAME)) {
            throw new HandlerException(
                    ExitCode.ENVIRONMENT,
                    "cannot work for an installation of this name: it is no name of letters, digits, hyphens and underscores",
                    "");
        }
        return new Places(root, installation);
    }

    private Packages restic(HandlerContext context) {
        return new Packages(
                programs, context.log(), PackageClaims.of(root), places(context).installed(), List.of("restic"));
    }

    private UpdateNote updateNote(HandlerContext context) {
        return new UpdateNote(places(context).installed());
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
