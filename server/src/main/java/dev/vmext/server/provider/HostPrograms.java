package dev.vmext.server.provider;

import dev.vmext.fleet.provider.ProviderProblem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Finds and runs the programs of the host that a provider needs. Stateless, so any thread may call it. */
final class HostPrograms {
    /** What a finished program left: its exit code and everything it wrote. */
    record Outcome(int exitCode, String output) {}

    private final List<Path> folders;

    HostPrograms(List<Path> folders) {
        this.folders = List.copyOf(folders);
    }

    /** The folders of a PATH value, and those of system programs, which Debian leaves out for ordinary users. */
    static List<Path> foldersOf(String path) {
        Set<Path> found = new LinkedHashSet<>();
        for (String folder : path.split(":", -1)) {
            if (folder.startsWith("/")) {
                found.add(Path.of(folder));
            }
        }
        found.addAll(List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/sbin"), Path.of("/bin")));
        return List.copyOf(found);
    }

    Optional<Path> find(String program) {
        return folders.stream()
                .map(f -> f.resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The first of these programs that is installed. */
    Optional<Path> findAny(List<String> programs) {
        return programs.stream().map(this::find).flatMap(Optional::stream).findFirst();
    }

    Path get(String program) {
        return find(program)
                .orElseThrow(() -> new ProviderProblem(
                        ProviderProblem.Kind.MISSING_PACKAGES,
                        "cannot run " + program + ": it is not installed",
                        "install it with the system's package manager"));
    }

    /**
     * Runs a program to its end without input, in a new working folder or this process's own. Java closes all other files in
     * the child, so nothing is inherited. Lines are handed on as they come.
     */
    Outcome run(
            List<String> command,
            Optional<Path> folder,
            Map<String, String> environment,
            Duration deadline,
            Consumer<String> line) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        folder.ifPresent(f -> builder.directory(f.toFile()));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment()
                .put(
                        "PATH",
                        String.join(":", folders.stream().map(Path::toString).toList()));
        builder.environment().putAll(environment);
        List<String> lines = new ArrayList<>();
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw failed(command, "cannot be started: " + e.getMessage(), e);
        }
        Thread reader = Thread.ofVirtual().name("output-of-" + process.pid()).start(() -> {
            try (var out = process.inputReader(StandardCharsets.UTF_8)) {
                for (String next = out.readLine(); next != null; next = out.readLine()) {
                    synchronized (lines) {
                        lines.add(next);
                    }
                    line.accept(next);
                }
            } catch (IOException e) {
                // The program was killed; what it wrote so far is all there is.
            }
        });
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failed(command, "did not finish within " + deadline.toSeconds() + " s", null);
            }
            // A daemon the program left may keep the pipe open: its first words are enough.
            reader.join(Duration.ofSeconds(2));
            synchronized (lines) {
                return new Outcome(process.exitValue(), String.join("\n", lines));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(command, "was interrupted", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    /** Runs a short program that must succeed. */
    String check(List<String> command, Optional<Path> folder) {
        Outcome outcome = run(command, folder, Map.of(), Duration.ofMinutes(2), l -> {});
        if (outcome.exitCode() != 0) {
            throw failed(command, "ended with " + outcome.exitCode() + ": " + outcome.output(), null);
        }
        return outcome.output();
    }

    private static ProviderProblem failed(
            List<String> command, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        String program = String.valueOf(Path.of(command.getFirst()).getFileName());
        return new ProviderProblem(
                ProviderProblem.Kind.HOST_FAILURE, "cannot run " + program + ": it " + why, "see what it said", cause);
    }
}
