package dev.vmext.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.testkit.ResticRepository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** The shell programs of the package in the folder of one installation, run as their units run them, with the real restic. */
final class Workshop {
    final Path state;
    final Path conf;
    final Path source;
    final Path repository;
    private final List<String> values = new ArrayList<>(
            List.of("extension vmext.Backup", "installation nightly", "now x1", "lockWaitSec 0", "lockRetrySec 1"));

    record Said(int exit, String out) {}

    Workshop(Path folder) throws IOException {
        state = Files.createDirectories(folder.resolve("state")).toRealPath();
        conf = Files.createDirectories(state.resolve("conf"));
        source = Files.createDirectories(folder.resolve("source")).toRealPath();
        repository = folder.resolve("repository").toAbsolutePath();
        for (String name : List.of("bin", "events", "status", "conf/hooks", "conf/dumps")) {
            Files.createDirectories(state.resolve(name));
        }
        for (Path programs :
                List.of(Path.of("src/main/package/programs"), Path.of("../../../extension-kit/src/main/sh"))) {
            try (Stream<Path> files = Files.list(programs)) {
                for (Path file : files.toList()) {
                    Files.copy(file, state.resolve("bin").resolve(String.valueOf(file.getFileName())));
                }
            }
        }
        Files.writeString(state.resolve("events-folder"), state.resolve("events") + "\n");
        Files.writeString(state.resolve("status-file"), state.resolve("status/0.status") + "\n");
        Files.writeString(conf.resolve("values"), String.join("\n", values) + "\n");
        Files.writeString(conf.resolve("exclude"), "");
        Files.writeString(conf.resolve("sources"), source + "\n");
        Files.writeString(conf.resolve("repository.password"), ResticRepository.PASSWORD + "\n");
        Files.writeString(conf.resolve("repository.environment"), "");
        Files.writeString(conf.resolve("repository.arguments"), "");
        repositoryAt(repository.toString());
    }

    /** As it is after the first backup was prepared. */
    void repositoryIsThere() throws IOException {
        ResticRepository.writeTo(repository);
    }

    void repositoryAt(String url) throws IOException {
        Files.writeString(conf.resolve("repository.url"), url + "\n");
    }

    void value(String key, Object value) throws IOException {
        values.removeIf(line -> line.startsWith(key + " "));
        values.add(key + " " + value);
        Files.writeString(conf.resolve("values"), String.join("\n", values) + "\n");
    }

    Process begin(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "setsid", "-w", "/bin/sh", state.resolve("bin").resolve(program).toString()));
        command.addAll(List.of(arguments));
        return begin(command);
    }

    Process begin(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(state.resolve("said").toFile());
        builder.environment().put("RESTIC_PASSWORD", ResticRepository.PASSWORD);
        builder.environment().put("VMEXT_PROGRESS_FPS", "1");
        // The least that it takes: little data is many files in the repository then.
        builder.environment().put("RESTIC_PACK_SIZE", "4");
        builder.environment().put("RESTIC_CACHE_DIR", state.resolve("cache").toString());
        return builder.start();
    }

    Said end(Process process) throws Exception {
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError("it does not end");
        }
        return new Said(process.exitValue(), Files.readString(state.resolve("said"), StandardCharsets.UTF_8));
    }

    Said run(String program, String... arguments) throws Exception {
        return end(begin(program, arguments));
    }

    /** Runs any program to its end, with the password of the repository in its environment. */
    Said host(String... command) throws Exception {
        return end(begin(List.of(command)));
    }

    Said restic(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("restic", "-r", repository.toString()));
        command.addAll(List.of(arguments));
        return end(begin(command));
    }

    /**
     * Ends a run and all it started, as a power cut does, and waits until it is gone from the table of processes: until the host's
     * init has taken an orphan's end, its number counts as alive, and restic keeps the lock of a program that is alive.
     */
    void kill(Process process) throws Exception {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        process.waitFor();
        await(
                "the killed run has gone, " + all,
                () -> all.stream().noneMatch(one -> Files.exists(Path.of("/proc", Long.toString(one.pid())))));
        assertThat(host("flock", "--wait", "120", state.resolve("run.lock").toString(), "true")
                        .exit())
                .as("the killed run has gone")
                .isZero();
    }

    String read(String file) throws IOException {
        return Files.exists(state.resolve(file)) ? Files.readString(state.resolve(file)) : "";
    }

    String status() throws IOException {
        return read("status/0.status");
    }

    /** All findings that were told, oldest first, as text. */
    String told() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(state.resolve("events"))) {
            for (Path file : files.sorted().toList()) {
                text.append(Files.readString(file).replace("\\\"", "\"")).append('\n');
            }
        }
        return text.toString();
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it never came to this: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
