package dev.vmext.access;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.UpdateNote;
import dev.vmext.extensionkit.machine.PackageClaims;
import dev.vmext.extensionkit.machine.Packages;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.Units;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The commands of the contract. Enable writes what is wanted into a new folder, has the program {@code vmext-access} try it on the
 * machine (uids, groups, shells, visudo, sshd), and only then makes it the folder that counts and has it applied. So settings with a
 * fault leave the old ones at work, and a cut anywhere is made good by the next enable or the timer. One thread.
 *
 * <p>During an update the new version's {@code update} leaves a note, so that the old version's {@code uninstall} takes nobody's
 * account away.
 */
final class Access implements Handler {
    private static final Duration PROGRAM = Duration.ofMinutes(10);
    private static final List<String> PACKAGES = List.of("sudo");
    private static final String SERVICE = "vmext-access.service";
    private static final String TIMER = "vmext-access.timer";
    private static final int LIMIT = 256 * 1024;

    private final Programs programs;
    private final Places places;
    private final Units units;
    private final UpdateNote updateNote;

    Access(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
        this.units = new Units(programs, places.units());
        this.updateNote = new UpdateNote(places.installed());
    }

    /** What a command does, where any file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        guarded("prepare the accounts", updateNote::delete);
    }

    @Override
    public Status enable(HandlerContext context) {
        AccessSettings settings = AccessSettings.from(context.settings());
        if (!places.hasSystemd()) {
            throw new HandlerException(
                    ExitCode.UNSUPPORTED_SYSTEM,
                    "cannot set up accounts: this machine does not run systemd",
                    "What is wanted is compared with the machine by a timer of systemd.");
        }
        Status[] status = new Status[1];
        guarded("set up the accounts", () -> status[0] = apply(context, settings));
        return status[0];
    }

    private Status apply(HandlerContext context, AccessSettings settings) throws IOException {
        context.report(Status.transitioning("Setting up"));
        if (settings.needsSudo()) {
            Packages packages = new Packages(
                    programs, context.log(), PackageClaims.of(places.root()), places.installed(), PACKAGES);
            packages.install();
            packages.remember();
        }
        copyPrograms(context.environment().baseFolder());
        replace(
                places.state().resolve("events-folder"),
                context.environment().eventsFolder().map(f -> f + "\n").orElse(""));
        Path candidate = candidate(Wanted.files(settings));
        Programs.Result trial = access("", "try", candidate.toString());
        if (!trial.ok()) {
            SmallFiles.delete(candidate);
            throw HandlerException.badSettings(
                    "cannot use the settings on this machine: "
                            + String.join("; ", trial.output().lines().toList()),
                    "Nothing was changed; the former settings are at work.");
        }
        putToWork(candidate);
        units.write(SERVICE, """
            # Written by vmext.Access; removed with it.
            [Unit]
            Description=Accounts, keys and sudo rules as they should be

            [Service]
            Type=oneshot
            ExecStart=/bin/sh /var/lib/vmext-access/bin/vmext-access tick
            TimeoutStartSec=600
            Nice=10
            """);
        boolean newTimes = units.write(TIMER, """
            # Written by vmext.Access; removed with it.
            [Unit]
            Description=Looks whether accounts, keys and sudo rules are as they should be

            [Timer]
            OnActiveSec=%1$dm
            OnUnitActiveSec=%1$dm
            AccuracySec=1s

            [Install]
            WantedBy=timers.target
            """.formatted(settings.checkMinutes()));
        List<String> failures = new ArrayList<>();
        note(failures, access("", "apply"));
        passwords(context, settings, failures);
        units.enableNow(TIMER);
        if (newTimes) {
            // A timer counts from its new times only when it begins anew.
            units.restart(TIMER);
        }
        updateNote.delete();
        return report(settings, failures);
    }

    private void passwords(HandlerContext context, AccessSettings settings, List<String> failures) {
        for (Account account : settings.accounts()) {
            Password password = settings.passwords().get(account.name());
            if (password == null) {
                // Most accounts never had one, and each word with the program takes its time.
                if (Files.exists(places.accounts().resolve(account.name()).resolve("hash-set"))) {
                    note(failures, access("", "no-password", account.name()));
                }
                continue;
            }
            List<String> words = new ArrayList<>(
                    List.of("password", account.name(), password.hashed() ? "hash" : "value", account.passwordReset()));
            if (password.mustChange()) {
                words.add("must-change");
            }
            Programs.Result result = access(password.secret(), words.toArray(String[]::new));
            result.output().lines().filter(_ -> result.ok()).forEach(context.log()::info);
            note(failures, result);
        }
    }

    private static void note(List<String> failures, Programs.Result result) {
        if (!result.ok()) {
            failures.add(
                    result.output().isBlank()
                            ? "vmext-access ended with " + result.exitCode()
                            : result.output().strip());
        }
    }

    private Status report(AccessSettings settings, List<String> failures) {
        String accounts = access("", "report").output().strip();
        int rules = Wanted.files(settings)
                .getOrDefault(Wanted.SUDOERS, "")
                .lines()
                .toList()
                .size();
        String summary = "%s, %s"
                .formatted(
                        many(settings.accounts().size(), "account"),
                        rules == 0 ? "no sudo rules" : many(rules - 1, "line") + " of sudo rules");
        Status status = failures.isEmpty()
                ? Status.success(summary)
                : Status.error(ExitCode.EXECUTION, String.join("; ", failures) + ". Everything else is set up.");
        return accounts.isEmpty() ? status : status.with(Status.Part.success("accounts", accounts));
    }

    @Override
    public void update(HandlerContext context) {
        guarded("prepare the update", () -> updateNote.leave(context));
    }

    /** Accounts stay as they are: a mere pause must not lock anybody out. They are not looked at any more. */
    @Override
    public void disable(HandlerContext context) {
        guarded("stop looking", () -> {
            if (places.hasSystemd() && Files.exists(places.units().resolve(TIMER))) {
                units.disableNow(TIMER);
            }
        });
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("take back accounts, keys and sudo rules", () -> {
            if (updateNote.isFor(context)) {
                context.log().info("this is an update; everything stays for the new version");
                return;
            }
            if (places.hasSystemd()) {
                units.remove(TIMER);
                units.remove(SERVICE);
            }
            if (Files.exists(places.wanted()) && Files.exists(places.programs().resolve("vmext-access"))) {
                takeBack(context);
            }
            new Packages(programs, context.log(), PackageClaims.of(places.root()), places.installed(), PACKAGES)
                    .removeAdded()
                    .ifPresent(context.log()::info);
            SmallFiles.delete(places.state());
        });
    }

    private void takeBack(HandlerContext context) throws IOException {
        String homes = SmallFiles.readText(places.wanted().resolve("homes"), 64);
        putToWork(candidate(Map.of("homes", homes, "repair", "yes\n")));
        Programs.Result result = access("", "apply");
        result.output().lines().forEach(context.log()::info);
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot take back all accounts, keys and sudo rules: "
                            + result.output().strip(),
                    "What is left is remembered; uninstall again when the reason is gone.");
        }
    }

    /** Writes a new folder beside the one that counts. */
    private Path candidate(Map<String, String> files) throws IOException {
        SmallFiles.createPrivateFolder(places.state());
        String now = current().map(p -> String.valueOf(p.getFileName())).orElse("");
        Path folder = places.state().resolve(now.equals("wanted-a") ? "wanted-b" : "wanted-a");
        SmallFiles.delete(folder);
        SmallFiles.createPrivateFolder(folder);
        SmallFiles.createPrivateFolder(folder.resolve("accounts"));
        for (Map.Entry<String, String> file : files.entrySet()) {
            SmallFiles.replace(folder.resolve(file.getKey()), file.getValue(), "rw-------");
        }
        return folder;
    }

    /** The link changes in one step, so at any moment one whole set of settings counts. */
    private void putToWork(Path candidate) throws IOException {
        Path link = places.state().resolve(".wanted.new");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, candidate.getFileName());
        Optional<Path> former = current();
        try {
            Files.move(link, places.wanted(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the file system cannot rename in one step", e);
        }
        if (former.isPresent() && !former.get().equals(candidate)) {
            SmallFiles.delete(former.get());
        }
    }

    private Optional<Path> current() throws IOException {
        return Files.isSymbolicLink(places.wanted())
                ? Optional.of(places.state().resolve(Files.readSymbolicLink(places.wanted())))
                : Optional.empty();
    }

    private void copyPrograms(Path packageFolder) throws IOException {
        SmallFiles.createPrivateFolder(places.state());
        try (Stream<Path> files = Files.list(packageFolder.resolve("programs"))) {
            for (Path file : files.toList()) {
                replace(
                        places.programs().resolve(String.valueOf(file.getFileName())),
                        SmallFiles.readText(file, LIMIT));
            }
        }
    }

    private Programs.Result access(String input, String... words) {
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", places.programs().resolve("vmext-access").toString()));
        command.addAll(List.of(words));
        return programs.run(PROGRAM, input, command);
    }

    private static void replace(Path file, String text) throws IOException {
        if (!Files.exists(file) || !SmallFiles.readText(file, LIMIT).equals(text)) {
            SmallFiles.replace(file, text, "rw-------");
        }
    }

    private static String many(int number, String what) {
        return number == 1 ? "1 " + what : number + " " + what + "s";
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
