package dev.vmext.customscript;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerEnvironment;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Redactor;
import dev.vmext.extensionkit.Settings;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.machine.Downloads;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs the script of the settings once per sequence number. The number is written down before the script starts: a script
 * that was interrupted by a power cut is reported as such and never run a second time behind the owner's back.
 *
 * <pre>
 *   enable(n): n not begun            -> write mrseq, run, success or error
 *              n begun, final status  -> nothing
 *              n begun, no status     -> end what is left of it, error "interrupted"
 *              n older than mrseq     -> nothing
 *              it ran well before, and the settings say once -> nothing
 * </pre>
 *
 * <p>One thread, and {@link #stop} from the hook that runs when the process is ended.
 */
final class CustomScript implements Handler {
    private static final int TAIL = 4 * 1024;
    private static final int LOGS_KEPT = 5;

    private final ProcessTable processes;
    private final Stopwatch stopwatch;
    private final Map<String, String> variables;
    private volatile @Nullable ScriptRun running;

    CustomScript(ProcessTable processes, Stopwatch stopwatch, Map<String, String> variables) {
        this.processes = processes;
        this.stopwatch = stopwatch;
        this.variables = Map.copyOf(variables);
    }

    @Override
    public Status enable(HandlerContext context) {
        Path base = context.environment().baseFolder();
        // Held until this process ends: an enable that an agent repeats waits for the one that still runs.
        try (FileChannel channel = FileChannel.open(
                        base.resolve("enable.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            int number = context.sequenceNumber();
            return context.sequenceFile().alreadyBegun(number) ? begunBefore(context, number) : run(context, number);
        } catch (IOException e) {
            throw new HandlerException(
                    ExitCode.FILES,
                    "cannot run the script: " + SmallFiles.why(e),
                    "Check that the disk of " + base + " is not full.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HandlerException(
                    ExitCode.EXECUTION, "cannot wait for the script: the handler was stopped", "", e);
        }
    }

    @Override
    public void disable(HandlerContext context) {
        endLeftovers(context);
    }

    @Override
    public void uninstall(HandlerContext context) {
        endLeftovers(context);
        try {
            SmallFiles.delete(runs(context));
            if (!isUpdate(context.environment())) {
                SmallFiles.delete(logs(context));
                Files.deleteIfExists(onceFile(context));
            }
        } catch (IOException e) {
            throw new HandlerException(
                    ExitCode.FILES, "cannot remove the files of former runs: " + SmallFiles.why(e), "", e);
        }
    }

    void stop() {
        ScriptRun run = running;
        if (run != null) {
            run.stop();
        }
    }

    private Status begunBefore(HandlerContext context, int number) {
        Status existing = context.findFinalStatus().orElse(null);
        if (existing != null) {
            context.log().info("sequence number " + number + " ran before; nothing to do");
            return existing;
        }
        if (context.sequenceFile().find().orElse(number) > number) {
            return Status.success("Nothing to do: a later change of the settings was already applied");
        }
        endLeftovers(context);
        return Status.error(
                ExitCode.EXECUTION,
                "The script was interrupted: the machine or its agent stopped while it ran. It was not run again,"
                        + " because part of its work may be done. Check the machine, then run it again by changing a"
                        + " setting or with a rerun of this installation.");
    }

    private Status run(HandlerContext context, int number) throws IOException, InterruptedException {
        ScriptSettings settings = ScriptSettings.from(context.settings());
        if (settings.source() instanceof ScriptSettings.Source.Text(String text)) {
            Interpreter.of(text); // a wrong first line is found before the number counts as begun
        }
        Optional<Status> endedWell = settings.once() ? endedWellBefore(context) : Optional.empty();
        if (endedWell.isPresent()) {
            return endedWell.get();
        }
        Redactor redactor = context.redactor();
        endLeftovers(context);
        SmallFiles.delete(runs(context));
        SmallFiles.createPrivateFolder(runs(context));
        ScriptRun run = new ScriptRun(runs(context).resolve(Integer.toString(number)), settings, processes, stopwatch);
        if (!settings.files().isEmpty()) {
            context.report(Status.transitioning("Bringing "
                    + (settings.files().size() == 1
                            ? "1 file"
                            : settings.files().size() + " files")));
            run.bring(new Downloads(stopwatch, context.log(), settings.downloadTimeout(), settings.proxy()));
        }
        // Only now: what could not be fetched may be tried again, what was begun may not.
        context.sequenceFile().begin(number);
        context.report(Status.transitioning("The script is running"));
        running = run;
        ScriptRun.Ending ending;
        try {
            ending = run.run(
                    variables,
                    seconds -> context.report(withOutput(
                            Status.transitioning("The script has been running for " + seconds + " s"),
                            run,
                            redactor,
                            true)));
        } finally {
            running = null;
        }
        keepLogs(context, number, run, redactor);
        Status status = withOutput(Report.of(ending, settings, run, redactor), run, redactor, false);
        run.discardOutput();
        if (status.level() == Status.Level.SUCCESS) {
            rememberThatItEndedWell(context, context.clock().instant().toString());
        }
        return status;
    }

    /**
     * For a script that is to run once: whether it did. Other settings do not run it again; the very same settings under a new number
     * are a rerun that somebody asked for.
     */
    private static Optional<Status> endedWellBefore(HandlerContext context) throws IOException {
        if (!Files.exists(onceFile(context))) {
            return Optional.empty();
        }
        List<String> known =
                SmallFiles.readText(onceFile(context), 1024).lines().toList();
        if (known.size() == 2 && known.getLast().equals(digest(context))) {
            return Optional.empty();
        }
        rememberThatItEndedWell(context, known.getFirst());
        return Optional.of(Status.success("Nothing to do: the script ended well at " + known.getFirst()
                + " and is to run once. To run it again, ask for a rerun of this installation."));
    }

    private static void rememberThatItEndedWell(HandlerContext context, String time) throws IOException {
        SmallFiles.replace(onceFile(context), time + "\n" + digest(context) + "\n", "rw-------");
    }

    private static String digest(HandlerContext context) {
        Settings settings = context.settings();
        String text =
                settings.publicSettings().text() + settings.protectedSettings().text();
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private static Status withOutput(Status status, ScriptRun run, Redactor redactor, boolean stillRunning)
            throws IOException {
        Status.Level level = status.level();
        return status.with(
                        new Status.Part("stdout", level, 0, run.standardOutput().tail(TAIL, redactor, stillRunning)))
                .with(new Status.Part("stderr", level, 0, run.standardError().tail(TAIL, redactor, stillRunning)));
    }

    /** The output, secrets masked, goes to the log folder; the raw files may hold secrets and do not stay. */
    private static void keepLogs(HandlerContext context, int number, ScriptRun run, Redactor redactor)
            throws IOException {
        Path folder = logs(context);
        SmallFiles.createPrivateFolder(folder);
        SmallFiles.replace(
                folder.resolve(number + ".stdout"), run.standardOutput().all(redactor), "rw-------");
        SmallFiles.replace(
                folder.resolve(number + ".stderr"), run.standardError().all(redactor), "rw-------");
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*.std*")) {
            stream.forEach(files::add);
        }
        files.sort(
                Comparator.comparingLong((Path f) -> f.toFile().lastModified()).reversed());
        for (Path old : files.subList(Math.min(files.size(), 2 * LOGS_KEPT), files.size())) {
            Files.deleteIfExists(old);
        }
    }

    /** Ends scripts of this installation whose handler was killed. Services that finished scripts started live on. */
    private void endLeftovers(HandlerContext context) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(runs(context))) {
            for (Path folder : folders) {
                // The script file is removed when the script ended, so its presence marks a run that was cut off.
                if (Files.exists(folder.resolve("script"))) {
                    context.log().warning("ending what is left of an interrupted script in " + folder);
                    processes.end(0, ScriptRun.mark(folder));
                    // Among its files may be secret ones.
                    SmallFiles.delete(folder.resolve("work"));
                    Files.deleteIfExists(folder.resolve("script"));
                }
            }
        } catch (IOException e) {
            context.log().info("no former run to look after");
        }
    }

    /** Beside the folders of the versions, so that it outlives an update: when the script ended well. */
    private static Path onceFile(HandlerContext context) {
        HandlerEnvironment environment = context.environment();
        return environment.baseFolder().resolveSibling(environment.name() + ".ended-well");
    }

    private static Path runs(HandlerContext context) {
        return context.environment().baseFolder().resolve("runs");
    }

    private static Path logs(HandlerContext context) {
        return context.environment().logFolder().resolve(context.environment().installation());
    }

    /** During an update the new version's folder already stands beside ours; logs then stay for it. */
    private static boolean isUpdate(HandlerEnvironment environment) {
        Path base = environment.baseFolder();
        try (DirectoryStream<Path> siblings =
                Files.newDirectoryStream(base.resolveSibling("."), environment.name() + "-*")) {
            for (Path sibling : siblings) {
                if (!sibling.getFileName().equals(base.getFileName()) && Files.isDirectory(sibling)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }
}
