package dev.vmext.customscript;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.machine.Downloads;
import java.io.File;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One run of a script in a folder of its own: the script as a file, its working folder, its two output files. The script is
 * the leader of a new process group inside the handler's session, so that an agent that ends the session ends it too.
 * Started and watched by one thread; {@link #stop} may come from another.
 */
final class ScriptRun {
    /** The variable by which processes of a run are recognised. Its value is the run's folder, unique per sequence number. */
    static final String MARK = "VMEXT_SCRIPT_RUN";

    /** The variable that names the folder with the files, also when the script works in another one. */
    static final String FILES = "VMEXT_SCRIPT_FILES";

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final List<String> INHERITED = List.of(
            "PATH",
            "HOME",
            "LANG",
            "LC_ALL",
            "TZ",
            "http_proxy",
            "https_proxy",
            "no_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY",
            "ConfigSequenceNumber");

    private final Path folder;
    private final ScriptSettings settings;
    private final ProcessTable processes;
    private final Stopwatch stopwatch;
    private final Output standardOutput;
    private final Output standardError;
    private volatile long group;

    /** How a script ended. Exit codes above 128 are signals. */
    record Ending(int exitCode, boolean timedOut, boolean allEnded, long seconds) {}

    /** Called while the script runs, when there is new output or a minute has gone by. */
    interface Watcher {
        void progress(long seconds) throws IOException;
    }

    ScriptRun(Path folder, ScriptSettings settings, ProcessTable processes, Stopwatch stopwatch) throws IOException {
        this.folder = folder;
        this.settings = settings;
        this.processes = processes;
        this.stopwatch = stopwatch;
        SmallFiles.createPrivateFolder(folder);
        SmallFiles.createPrivateFolder(folder.resolve("work"));
        this.standardOutput = new Output(folder.resolve("stdout"));
        this.standardError = new Output(folder.resolve("stderr"));
    }

    static String mark(Path folder) {
        return MARK + "=" + folder;
    }

    Output standardOutput() {
        return standardOutput;
    }

    Output standardError() {
        return standardError;
    }

    Ending run(Map<String, String> variables, Watcher watcher) throws IOException, InterruptedException {
        Path script = folder.resolve("script");
        try (var channel = SmallFiles.create(script, "rwx------");
                var out = Channels.newOutputStream(channel)) {
            // Of a script in a file only the mark that it runs is needed here.
            String text = settings.source() instanceof ScriptSettings.Source.Text(String given) ? given : "";
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        long start = stopwatch.nanos();
        Process process = start(script, variables);
        group = process.pid();
        try {
            boolean ended = watch(process, start, watcher);
            boolean allEnded = ended || processes.end(process.pid(), mark(folder));
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            long seconds = (stopwatch.nanos() - start) / 1_000_000_000L;
            return new Ending(process.exitValue(), !ended, allEnded, seconds);
        } finally {
            group = 0;
            Files.deleteIfExists(script); // it may hold secrets
            for (ScriptFile file : settings.files()) {
                if (file.secret()) {
                    Files.deleteIfExists(files().resolve(file.name()));
                }
            }
        }
    }

    /** Where the files are, and where the script starts when nothing else is said. */
    Path files() {
        return folder.resolve("work");
    }

    /** Brings all files, before anything runs. */
    void bring(Downloads downloads) throws IOException, InterruptedException {
        for (ScriptFile file : settings.files()) {
            Path target = files().resolve(file.name());
            switch (file.content()) {
                case ScriptFile.Content.Text(String text) -> SmallFiles.replace(target, text, "rw-------");
                case ScriptFile.Content.Download(Downloads.Wish wish) -> downloads.fetch(wish, target);
            }
            if (file.executable()) {
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
            }
        }
        if (settings.source() instanceof ScriptSettings.Source.File(String name)) {
            Interpreter.of(files().resolve(name)); // a wrong first line is found before anything runs
        }
    }

    void discardOutput() throws IOException {
        standardOutput.discard();
        standardError.discard();
    }

    /** Ends the script, if one runs now. */
    void stop() {
        long running = group;
        if (running > 0) {
            processes.end(running, mark(folder));
        }
    }

    private Process start(Path script, Map<String, String> variables) throws IOException {
        List<String> command = new ArrayList<>(newGroup());
        switch (settings.source()) {
            case ScriptSettings.Source.Text(String text) -> {
                command.addAll(Interpreter.of(text));
                command.add(script.toString());
            }
            case ScriptSettings.Source.File(String name) -> {
                command.addAll(Interpreter.of(files().resolve(name)));
                command.add(files().resolve(name).toString());
            }
        }
        command.addAll(settings.arguments());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(settings.workingDirectory().orElse(files()).toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(standardOutput.redirect())
                .redirectError(standardError.redirect());
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("HOME", "/root");
        environment.put("LANG", "C.UTF-8");
        for (String name : INHERITED) {
            Optional.ofNullable(variables.get(name)).ifPresent(value -> environment.put(name, value));
        }
        environment.putAll(settings.environment());
        environment.put(MARK, folder.toString());
        environment.put(FILES, files().toString());
        return builder.start();
    }

    /** Java cannot make a process group; timeout(1) makes one, and with 0 does nothing else. */
    private static List<String> newGroup() {
        for (String program : List.of("/usr/bin/timeout", "/bin/timeout")) {
            if (Files.isExecutable(Path.of(program))) {
                return List.of(program, "0");
            }
        }
        throw new HandlerException(
                ExitCode.MISSING_DEPENDENCY,
                "cannot run a script: there is no program timeout on this machine",
                "Install the package coreutils.");
    }

    private boolean watch(Process process, long start, Watcher watcher) throws IOException, InterruptedException {
        long seenSize = 0;
        long seenAt = start;
        while (!process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            long now = stopwatch.nanos();
            if (now - start >= settings.timeout().toNanos()) {
                return false;
            }
            long size = standardOutput.size() + standardError.size();
            long waited = now - seenAt;
            if (waited >= 60_000_000_000L || (size != seenSize && waited >= 2_000_000_000L)) {
                watcher.progress((now - start) / 1_000_000_000L);
                seenSize = size;
                seenAt = now;
            }
            standardOutput.bound();
            standardError.bound();
        }
        return true;
    }
}
