package dev.vmext.restore;

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
import dev.vmext.extensionkit.repository.Gateway;
import dev.vmext.extensionkit.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The commands of the contract. Enable starts a unit that restores, once for each sequence number, and ends: the unit goes on, through
 * restarts of the machine, and writes the final status. Everything may be repeated. One thread.
 */
final class Restore implements Handler {
    private static final Duration PROGRAM = Duration.ofMinutes(20);
    private static final String PRIVATE = "rw-------";
    private static final int LIMIT = 256 * 1024;

    private final Programs programs;
    private final Path root;

    Restore(Programs programs, Path root) {
        this.programs = programs;
        this.root = root;
    }

    /** What a command does, where any file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        guarded("install the restore", () -> {
            updateNote(context).delete();
            Packages restic = restic(context);
            restic.install();
            restic.remember();
        });
    }

    @Override
    public Status enable(HandlerContext context) {
        RestoreSettings settings = RestoreSettings.from(context.settings());
        if (!hasSystemd()) {
            throw new HandlerException(
                    ExitCode.UNSUPPORTED_SYSTEM,
                    "cannot restore: this machine does not run systemd",
                    "A restore runs as a unit of systemd.");
        }
        if (!programs.run(PROGRAM, "", List.of("restic", "version")).ok()) {
            throw new HandlerException(
                    ExitCode.MISSING_DEPENDENCY,
                    "cannot restore: there is no program restic on this machine",
                    "Install the package restic, or install this extension again.");
        }
        Optional<Gateway> gateway = settings.repository().place() instanceof Repository.Place.ControlPlane
                ? Optional.of(Gateway.read(context.environment()))
                : Optional.empty();
        Status[] status = new Status[1];
        guarded("restore", () -> status[0] = apply(context, settings, gateway));
        return status[0];
    }

    private Status apply(HandlerContext context, RestoreSettings settings, Optional<Gateway> gateway)
            throws IOException {
        Path state = state(context);
        Units units = new Units(programs, units());
        int number = context.sequenceNumber();
        Path begun = state.resolve("sequence-number");
        boolean known =
                Files.exists(begun) && SmallFiles.readText(begun, 64).strip().equals(Integer.toString(number));
        if (!known) {
            units.remove(unit(context));
            Files.deleteIfExists(state.resolve("state"));
            Files.deleteIfExists(state.resolve("report-values"));
            Files.deleteIfExists(state.resolve("sample"));
        }
        programs(context.environment().baseFolder(), state);
        String folder = state.resolve("conf").toString();
        configuration(
                state.resolve("conf"),
                settings.files(
                        settings.repository().files(folder, gateway),
                        context.environment().installation()));
        replace(
                state.resolve("events-folder"),
                context.environment().eventsFolder().map(f -> f + "\n").orElse(""));
        replace(state.resolve("status-file"), context.statusPath() + "\n");
        Status status = report(state);
        if (!status.isFinal()) {
            units.write(unit(context), unitText(context));
            // At every boot until it is done: a restore that a power cut ended begins again.
            units.enable(unit(context));
            replace(begun, number + "\n");
            // The unit writes this file from now on; so starting it is the last thing the handler does.
            context.report(status);
            begin(unit(context));
        }
        updateNote(context).delete();
        return status;
    }

    @Override
    public void update(HandlerContext context) {
        guarded("prepare the update", () -> updateNote(context).leave(context));
    }

    @Override
    public void disable(HandlerContext context) {
        guarded("stop the restore", () -> {
            Files.deleteIfExists(state(context).resolve("status-file"));
            if (hasSystemd()) {
                new Units(programs, units()).disableNow(unit(context));
            }
        });
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("remove the restore", () -> {
            if (updateNote(context).isFor(context)) {
                context.log().info("this is an update; everything stays for the new version");
                return;
            }
            if (hasSystemd()) {
                new Units(programs, units()).remove(unit(context));
            }
            restic(context).removeAdded().ifPresent(context.log()::info);
            Path state = state(context);
            SmallFiles.delete(state);
            Path parent = state.getParent();
            if (parent != null && Files.isDirectory(parent)) {
                try (Stream<Path> left = Files.list(parent)) {
                    if (left.findAny().isEmpty()) {
                        Files.delete(parent);
                    }
                }
            }
        });
    }

    private static String unit(HandlerContext context) {
        return "vmext-restore-" + context.environment().installation() + ".service";
    }

    private static String unitText(HandlerContext context) {
        String programs = "/var/lib/vmext-restore/" + context.environment().installation() + "/bin";
        return """
                # Written by vmext.Restore; removed with it.
                [Unit]
                Description=Restore %s
                Wants=network-online.target
                After=network-online.target

                [Service]
                Type=oneshot
                ExecStart=/bin/sh %s/restore
                ExecStopPost=/bin/sh %s/restore-ended
                TimeoutStartSec=infinity
                TimeoutStopSec=120
                # The program is told; it ends restic, which gives its lock back.
                KillMode=mixed
                SuccessExitStatus=143
                OOMPolicy=stop

                [Install]
                WantedBy=multi-user.target
                """.formatted(context.environment().installation(), programs, programs);
    }

    /** Copies programs out of the package: what runs must not go away with the package's folder. */
    private static void programs(Path packageFolder, Path state) throws IOException {
        SmallFiles.createPrivateFolder(state);
        SmallFiles.createPrivateFolder(state.resolve("bin"));
        try (Stream<Path> files = Files.list(packageFolder.resolve("programs"))) {
            for (Path file : files.toList()) {
                replace(
                        state.resolve("bin").resolve(String.valueOf(file.getFileName())),
                        SmallFiles.readText(file, LIMIT));
            }
        }
    }

    private static void configuration(Path folder, Map<String, String> files) throws IOException {
        SmallFiles.createPrivateFolder(folder);
        for (Map.Entry<String, String> file : files.entrySet()) {
            replace(folder.resolve(file.getKey()), file.getValue());
        }
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.toList()) {
                if (!files.containsKey(String.valueOf(file.getFileName()))) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void replace(Path file, String text) throws IOException {
        if (!Files.exists(file) || !SmallFiles.readText(file, 4 * 1024 * 1024).equals(text)) {
            SmallFiles.replace(file, text, PRIVATE);
        }
    }

    private void begin(String unit) {
        Programs.Result result = programs.run(PROGRAM, "", List.of("systemctl", "start", "--no-block", unit));
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot begin the restore: systemctl ended with " + result.exitCode() + ": " + result.lastLines(),
                    "Look at the unit with systemctl status " + unit + " on the machine.");
        }
    }

    private Status report(Path state) {
        Programs.Result result = programs.run(
                PROGRAM,
                "",
                List.of("/bin/sh", state.resolve("bin").resolve("report").toString()));
        try {
            return StatusText.read(result.output());
        } catch (IllegalArgumentException e) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot tell the state of the restore: " + e.getMessage(),
                    "This is a defect of the extension; please report it with its log.",
                    e);
        }
    }

    private Path state(HandlerContext context) {
        String installation = context.environment().installation();
        if (!installation.matches("[A-Za-z0-9_-]{1,64}")) {
            throw new HandlerException(
                    ExitCode.ENVIRONMENT,
                    "cannot work for an installation of this name: it is no name of letters, digits, hyphens and underscores",
                    "");
        }
        return root.resolve("var/lib/vmext-restore").resolve(installation);
    }

    private Path units() {
        return root.resolve("etc/systemd/system");
    }

    private boolean hasSystemd() {
        return Files.isDirectory(root.resolve("run/systemd/system"));
    }

    private Packages restic(HandlerContext context) {
        return new Packages(
                programs,
                context.log(),
                PackageClaims.of(root),
                state(context).resolve("installed"),
                List.of("restic"));
    }

    private UpdateNote updateNote(HandlerContext context) {
        return new UpdateNote(state(context).resolve("installed"));
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
