package dev.vmext.configuration;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.JsonException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.UpdateNote;
import dev.vmext.extensionkit.machine.Downloads;
import dev.vmext.extensionkit.machine.PackageClaims;
import dev.vmext.extensionkit.machine.Packages;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.UnitSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The commands of the contract. Enable has Ansible read the new playbook before it counts, so that one with a fault leaves the old one
 * at work; then the program vmext-configuration looks (check mode), and makes it so. Timers go on looking and applying. Everything may
 * be repeated: an apply that was cut off is done again. One thread.
 *
 * <p>During an update the new version's {@code update} leaves a note, so that the old version's {@code uninstall} takes nothing away.
 */
final class Configuration implements Handler {
    private static final Duration SHORT = Duration.ofMinutes(12);
    /** Its modules for packages need python3-apt, and without it can look at nothing. */
    private static final List<String> PACKAGES = List.of("ansible-core", "python3-apt");

    private static final String CLEAN_UP = "content/.clean-up.yml";
    private static final int LIMIT = 1024 * 1024;

    private final Programs programs;
    private final Places places;
    private final UnitSet units;
    private final UpdateNote updateNote;
    private final Content content;

    Configuration(Programs programs, Downloads.Time time, Places places) {
        this.programs = programs;
        this.places = places;
        this.units = new UnitSet(programs, places.units(), UnitFiles.PREFIX, SHORT);
        this.updateNote = new UpdateNote(places.installed());
        this.content = new Content(programs, time, places);
    }

    /** What a command does, where any file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        guarded("install Ansible", () -> {
            updateNote.delete();
            Packages packages = packages(context);
            packages.install();
            packages.remember();
        });
    }

    @Override
    public Status enable(HandlerContext context) {
        ConfigurationSettings settings = ConfigurationSettings.from(context.settings());
        if (!places.hasSystemd()) {
            throw new HandlerException(
                    ExitCode.UNSUPPORTED_SYSTEM,
                    "cannot configure the machine: it does not run systemd",
                    "Looks and applies are timers of systemd.");
        }
        units.checkCalendar("checkCalendar", settings.checkCalendar());
        settings.applyCalendar().ifPresent(calendar -> units.checkCalendar("applyCalendar", calendar));
        Status[] status = new Status[1];
        guarded("configure the machine", () -> status[0] = apply(context, settings));
        return status[0];
    }

    private Status apply(HandlerContext context, ConfigurationSettings settings) throws IOException {
        context.report(Status.transitioning("Preparing"));
        SmallFiles.createPrivateFolder(places.home());
        // Another extension may have made it, for its playbooks. Only root may see what is here.
        Files.setPosixFilePermissions(places.home(), PosixFilePermissions.fromString("rwx------"));
        copyPrograms(context.environment().baseFolder());
        SmallFiles.createPrivateFolder(places.packages());
        replace(
                places.state().resolve("events-folder"),
                context.environment().eventsFolder().map(f -> f + "\n").orElse(""));
        Path candidate = content.begin();
        try {
            content.fill(candidate, context, settings);
            refuseWhatAnsibleCannotRead(candidate);
        } catch (IOException | RuntimeException e) {
            SmallFiles.delete(candidate);
            throw e;
        }
        units.replace(UnitFiles.files(settings), UnitFiles.expected(settings), List.of());
        context.report(Status.transitioning(
                settings.apply() ? "Looking what differs, and making it so" : "Looking what differs"));
        LongRun run = LongRun.use(candidate.toString(), settings.timeoutSeconds());
        Programs.Result result = run(run.limit(), run.words());
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    result.exitCode() == LongRun.BUSY
                            ? "cannot begin: " + result.lastLines()
                            : "cannot run Ansible: vmext-configuration ended with %d: %s"
                                    .formatted(result.exitCode(), result.lastLines()),
                    "Look at /var/lib/vmext-configuration/runs on the machine, then try again.");
        }
        updateNote.delete();
        return settings.apply() ? Report.ofApply(last("check"), last("apply")) : Report.ofLook(last("check"));
    }

    private void refuseWhatAnsibleCannotRead(Path candidate) {
        Programs.Result trial = run(SHORT, List.of("syntax", candidate.toString()));
        if (trial.isMissing()) {
            throw new HandlerException(
                    ExitCode.MISSING_DEPENDENCY,
                    "cannot configure the machine: there is no ansible-playbook or no python3 on it",
                    "Install the package ansible-core, or install this extension again.");
        }
        if (!trial.ok()) {
            throw HandlerException.badSettings(
                    "cannot use the playbook: " + trial.output().strip(),
                    "Nothing was changed; the former settings are at work.");
        }
    }

    private Json last(String kind) throws IOException {
        try {
            return Json.parse(SmallFiles.readText(places.state().resolve("last-" + kind + ".json"), LIMIT));
        } catch (JsonException e) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot tell what Ansible did: " + e.getMessage(),
                    "This is a defect of the extension; please report it with its log.",
                    e);
        }
    }

    @Override
    public void update(HandlerContext context) {
        guarded("prepare the update", () -> updateNote.leave(context));
    }

    @Override
    public void disable(HandlerContext context) {
        guarded("stop looking", () -> {
            if (places.hasSystemd()) {
                units.disable();
            }
        });
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("remove the configuration", () -> {
            if (updateNote.isFor(context)) {
                context.log().info("this is an update; everything stays for the new version");
                return;
            }
            if (places.hasSystemd()) {
                units.remove();
            }
            if (Files.exists(places.wanted().resolve(CLEAN_UP))) {
                cleanUp(context);
            }
            packages(context).removeAdded().ifPresent(context.log()::info);
            SmallFiles.delete(places.scratch());
            remove();
        });
    }

    private void cleanUp(HandlerContext context) throws IOException {
        LongRun run = LongRun.cleanUp();
        Programs.Result result = run(run.limit(), run.words());
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot clean up: the playbook settings.cleanUp failed: "
                            + result.output().strip(),
                    "Correct the machine and uninstall again, or take settings.cleanUp away first.");
        }
        context.log().info("the playbook for the end was run");
        // Done, also when what follows has to be tried again: by then Ansible may be gone.
        Files.delete(places.wanted().resolve(CLEAN_UP));
    }

    /** What other extensions brought is theirs to take away. */
    private void remove() throws IOException {
        for (Path path : list(places.home())) {
            // Last: until everything else is gone, a repeated uninstall must know what was added to the machine.
            if (!path.equals(places.packages()) && !path.equals(places.installed())) {
                SmallFiles.delete(path);
            }
        }
        SmallFiles.delete(places.installed());
        if (list(places.packages()).isEmpty()) {
            SmallFiles.delete(places.home());
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private Packages packages(HandlerContext context) {
        return new Packages(programs, context.log(), PackageClaims.of(places.root()), places.installed(), PACKAGES);
    }

    private void copyPrograms(Path packageFolder) throws IOException {
        for (Path file : list(packageFolder.resolve("programs"))) {
            replace(places.programs().resolve(String.valueOf(file.getFileName())), SmallFiles.readText(file, LIMIT));
        }
    }

    private Programs.Result run(Duration limit, List<String> words) {
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/python3",
                "-I",
                places.programs().resolve("vmext-configuration").toString()));
        command.addAll(words);
        return programs.run(limit, "", command);
    }

    private static void replace(Path file, String text) throws IOException {
        if (!Files.exists(file) || !SmallFiles.readText(file, LIMIT).equals(text)) {
            SmallFiles.replace(file, text, "rw-------");
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
